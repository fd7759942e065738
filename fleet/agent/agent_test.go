// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	press, _ = contract.ParseDeviceID("press-07")
	oven, _  = contract.ParseDeviceID("oven-11")
)

func devices() map[contract.DeviceID]string {
	return map[contract.DeviceID]string{press: "p", oven: "o"}
}

// rig is an agent that runs against real servers.
type rig struct {
	*Agent
	t            *testing.T
	passwordFile string
	stop         context.CancelFunc
	ended        chan error
}

// run starts an agent for press-07. more is further configuration at the top of the file.
func run(t *testing.T, more string, servers ...*natstest.Server) *rig {
	t.Helper()
	r := prepare(t, more, servers...)
	r.start()
	return r
}

func prepare(t *testing.T, more string, servers ...*natstest.Server) *rig {
	t.Helper()
	var urls []string
	for _, s := range servers {
		urls = append(urls, fmt.Sprintf("%q", s.URL()))
	}
	return prepareAt(t, more, "urls = ["+strings.Join(urls, ", ")+"]")
}

// prepareAt takes all of [nats].
func prepareAt(t *testing.T, more, at string) *rig {
	t.Helper()
	dir := t.TempDir()
	password := filepath.Join(dir, "password")
	text := fmt.Sprintf("device = %q\nheartbeat_interval = \"100ms\"\n%s\n[nats]\n%s\n[credentials]\ntype = \"user-pass\"\nuser = %q\npassword_file = %q\n[health]\nlisten = \"\"\n",
		press, more, at, press, password)
	file := filepath.Join(dir, "agent.toml")
	for name, content := range map[string]string{password: "p\n", file: text} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{Agent: New(c, Gather("v-test", "pod-uid"), slog.New(slog.DiscardHandler)), t: t, passwordFile: password, ended: make(chan error, 1)}
}

func (r *rig) start() {
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.ended <- r.Run(ctx) }()
	r.t.Cleanup(r.end)
}

// end stops the agent and waits for it; it may be called twice.
func (r *rig) end() {
	r.stop()
	err, first := <-r.ended
	if first {
		close(r.ended)
	}
	if err != nil {
		r.t.Error(err)
	}
}

// answers waits until the device answers a ping.
func answers(t *testing.T, conn *nats.Conn) contract.PingReply {
	t.Helper()
	var reply contract.PingReply
	until(t, "an answer to a ping", func(ctx context.Context) (string, bool) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		got, err := command.Client{Conn: conn, Caller: "test"}.Ping(ctx, press, "n-1")
		reply = got
		return fmt.Sprint(err), err == nil
	})
	return reply
}

func until(t *testing.T, what string, look func(context.Context) (string, bool)) {
	t.Helper()
	err := wait.Until(t.Context(), what, wait.Pace{Every: 20 * time.Millisecond, Limit: 20 * time.Second}, func(ctx context.Context) (string, bool, error) {
		saw, done := look(ctx)
		return saw, done, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) untilLink(what string, is func(LinkStatus) bool) {
	r.t.Helper()
	until(r.t, what, func(context.Context) (string, bool) {
		now := r.link.now()
		return fmt.Sprintf("%+v", now), is(now)
	})
}

func TestPingTellsWhoAndWhere(t *testing.T) {
	s := natstest.Start(t, devices())
	r := run(t, "", s)
	got := answers(t, s.Fleet())
	if got.AgentVersion != "v-test" || got.PodUID != "pod-uid" || got.Instance != r.instance || got.Boot.OS == "" || got.StartedAt.After(time.Now()) {
		t.Errorf("%+v", got)
	}
}

func TestStartsWithoutNATS(t *testing.T) {
	s := natstest.Reserve(t, devices())
	r := run(t, "", s)
	r.untilLink("a refused connection", func(l LinkStatus) bool { return strings.Contains(l.LastError, "connection refused") })
	if h := ready(t, r); !h.Ready || h.NATS.Connected || h.NATS.LastError == "" {
		t.Errorf("%+v", h)
	}
	s.Up()
	answers(t, s.Fleet())
	if h := ready(t, r); !h.NATS.Connected || h.NATS.LastError != "" || h.NATS.Server != s.URL() {
		t.Errorf("%+v", h)
	}
}

func TestSurvivesRestartsOfTheServer(t *testing.T) {
	s := natstest.Start(t, devices())
	r := run(t, "", s)
	first := answers(t, s.Fleet())
	for range 3 {
		s.Down()
		r.untilLink("a lost connection", func(l LinkStatus) bool { return !l.Connected })
		s.Up()
		if again := answers(t, s.Fleet()); again.Instance != first.Instance {
			t.Fatal("the agent has started anew")
		}
	}
}

func TestGoesToAnotherServer(t *testing.T) {
	one, two := natstest.Start(t, devices()), natstest.Reserve(t, devices())
	run(t, "", one, two)
	answers(t, one.Fleet())
	one.Down()
	two.Up()
	answers(t, two.Fleet())
}

func TestRefusedCredentialsAreRepairedAtTheServer(t *testing.T) {
	s := natstest.Start(t, map[contract.DeviceID]string{press: "another"})
	r := run(t, "", s)
	refused := func(l LinkStatus) bool {
		return !l.Connected && strings.Contains(l.LastError, "refuses this device's credentials")
	}
	r.untilLink("refused credentials, in words for a person", refused)
	s.Password(press, "p")
	answers(t, s.Fleet())
	s.Password(press, "another")
	r.untilLink("credentials refused in the middle", refused)
	s.Password(press, "p")
	answers(t, s.Fleet())
}

func TestRefusedCredentialsAreRepairedOnTheDevice(t *testing.T) {
	s := natstest.Start(t, map[contract.DeviceID]string{press: "another"})
	r := run(t, "", s)
	r.untilLink("refused credentials", func(l LinkStatus) bool { return strings.Contains(l.LastError, "credentials") })
	if err := os.WriteFile(r.passwordFile, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	answers(t, s.Fleet())
}

func TestComesBackWhenTheClientGivesUpItsConnection(t *testing.T) {
	s := natstest.Start(t, devices())
	r := run(t, "", s)
	answers(t, s.Fleet())
	r.link.mu.Lock()
	conn := r.link.conn
	r.link.mu.Unlock()
	conn.Close() // as nats.go does by itself after a protocol error
	r.untilLink("a second connection", func(l LinkStatus) bool { return l.Connects == 2 && l.Connected })
	answers(t, s.Fleet())
}

func TestConnectsByTLSToServersOfItsAuthorityOnly(t *testing.T) {
	good, stranger := natstest.Reserve(t, devices()), natstest.Reserve(t, devices())
	for _, s := range []*natstest.Server{good, stranger} {
		s.Secure()
		s.Up()
	}
	trusting := func(s *natstest.Server) *rig {
		r := prepareAt(t, "", fmt.Sprintf("urls = [%q]\nca_file = %q", s.URL(), good.CA()))
		r.start()
		return r
	}
	refused := trusting(stranger)
	refused.untilLink("a certificate that is not trusted", func(l LinkStatus) bool {
		return strings.Contains(l.LastError, "certificate signed by unknown authority")
	})
	trusting(good)
	answers(t, good.Fleet())
}

func TestObeysOnlyItsPlane(t *testing.T) {
	s := natstest.Start(t, devices())
	plane := contract.NewPlaneID()
	run(t, fmt.Sprintf("plane = %q", plane), s)
	fleet := s.Fleet()
	ping := func(by contract.PlaneID) error {
		_, err := command.Client{Conn: fleet, Plane: by, Caller: "test"}.Ping(t.Context(), press, "n-1")
		return err
	}
	until(t, "an answer to its own plane", func(context.Context) (string, bool) { err := ping(plane); return fmt.Sprint(err), err == nil })
	var no *contract.ErrorReply
	if err := ping(contract.NewPlaneID()); !errors.As(err, &no) || no.Kind != contract.KindRefused || no.Code != contract.CodeWrongPlane {
		t.Errorf("got %v", err)
	}
}

func TestHeartbeats(t *testing.T) {
	s := natstest.Start(t, devices())
	fleet := s.Fleet()
	beats, err := fleet.SubscribeSync("fleet.heartbeat.*")
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, "", s)
	for want := uint64(1); want <= 3; want++ {
		m, err := beats.NextMsgWithContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got, err := contract.DecodeHeartbeat(m.Data)
		if err != nil || got.Sequence != want || got.Instance != r.instance || m.Subject != contract.HeartbeatSubject(press) {
			t.Fatalf("%s %s: %+v, %v", m.Subject, m.Data, got, err)
		}
	}
}

func ready(t *testing.T, r *rig) Health {
	t.Helper()
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	var h Health
	if err := json.Unmarshal(w.Body.Bytes(), &h); err != nil || w.Code != 200 {
		t.Fatal(w.Code, err)
	}
	return h
}

func TestHealthEndpoint(t *testing.T) {
	r := prepare(t, "", natstest.Reserve(t, devices()))
	status := func(path string) int {
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/debug/pprof/": 404, "/": 404} {
		if got := status(path); got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	r.heartbeat.turned.Store(new(time.Now().Add(-time.Minute)))
	if got := status("/healthz"); got != 503 {
		t.Errorf("an agent that makes no progress is healthy: %d", got)
	}
}

func TestHealthEndpointThatCannotBeOpenedIsAnError(t *testing.T) {
	taken := httptest.NewServer(nil)
	defer taken.Close()
	r := prepare(t, "", natstest.Reserve(t, devices()))
	r.config.HealthListen = strings.TrimPrefix(taken.URL, "http://")
	err := r.Run(t.Context())
	var failed *HealthError
	if !errors.As(err, &failed) || failed.Address != r.config.HealthListen {
		t.Errorf("got %v", err)
	}
}
