// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package messaging_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	corev1 "k8s.io/api/core/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

var login = messaging.Login{Service: kube.Service{Namespace: "demo", Name: "nats", Port: 4222}, User: "boss", Secret: "boss", Key: "password"}

// A place is a NATS on a socket, or none, and topology and Score at once: what it wants is one stream.
type place struct {
	address string // of a server; nobody listens when empty
	refuses error  // what a connection ends with, in place of the server
	servers messaging.Servers
	wants   []jetstream.StreamConfig
}

func (p place) Name() string                 { return "place" }
func (p place) Messaging() messaging.Servers { return p.servers }

func (p place) Planning(d *harmony.Draft) harmony.Topology {
	p.servers = messaging.Planning(p, d)
	return p
}

func (place) Secret(context.Context, string, string) (map[string]secret.Value, error) {
	return map[string]secret.Value{login.Key: secret.New("right")}, nil
}

func (place) Pods(context.Context, string, map[string]string) ([]corev1.Pod, error) {
	return nil, nil
}

func (p place) Dial(ctx context.Context, _ kube.Service) (net.Conn, error) {
	if p.refuses != nil {
		return nil, p.refuses
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", p.address)
}

func (p place) Interpret(ctx context.Context, on messaging.Place) (harmony.Outcome, error) {
	return on.Messaging().Ensure(ctx, login, p.wants...)
}

func (place) SmokeTest(context.Context, messaging.Place) error { return nil } // asked by no plan

// stands is a place with a server, and a connection of its own to that.
func stands(t *testing.T, password string) (place, jetstream.JetStream) {
	t.Helper()
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
		Username: "boss", Password: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	conn, err := nats.Connect(srv.ClientURL(), nats.UserInfo("boss", password))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	p := place{address: srv.Addr().String(), wants: []jetstream.StreamConfig{wanted(100)}}
	p.servers = messaging.Through(p)
	return p, js
}

// wanted spells out what a server fills in.
func wanted(most int64) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: "orders", Subjects: []string{"orders.*"}, Storage: jetstream.FileStorage, Replicas: 1, MaxConsumers: -1, MaxMsgs: most,
		MaxBytes: -1, MaxMsgsPerSubject: -1, MaxMsgSize: -1, Duplicates: 2 * time.Minute,
	}
}

func plan(t *testing.T, p place) harmony.Result {
	t.Helper()
	report, err := harmony.Plan(t.Context(), harmony.Place(p).On(p))
	if err != nil {
		t.Fatal(err)
	}
	return report.Placements[0]
}

func TestAPlanReadsTheStreamsThatStandAndWritesNone(t *testing.T) {
	p, js := stands(t, "right")
	want := []harmony.Planned{{Intent: harmony.Create, Object: "stream orders"}}
	if diff := cmp.Diff(want, plan(t, p).Planned); diff != "" {
		t.Error(diff)
	}
	if _, err := js.Stream(t.Context(), "orders"); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("the plan has made it: %v", err)
	}
	outcome, err := p.servers.Ensure(t.Context(), login, p.wants...)
	if diff := cmp.Diff([]harmony.Change{{Action: harmony.Created, Object: "stream orders"}}, outcome.Changes); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if planned := plan(t, p).Planned; len(planned) != 1 || planned[0].Intent != harmony.Keep {
		t.Errorf("all is as wanted, and the plan is %+v", planned)
	}
}

func TestAStreamThatIsWantedOtherwiseIsToldFromOneThatWasEdited(t *testing.T) {
	p, js := stands(t, "right")
	if _, err := p.servers.Ensure(t.Context(), login, p.wants...); err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	edited := s.CachedInfo().Config
	edited.MaxMsgs = 7
	if _, err := js.UpdateStream(t.Context(), edited); err != nil {
		t.Fatal(err)
	}
	field := func(after float64) []harmony.Field {
		return []harmony.Field{{Path: "max_msgs", Before: float64(7), After: after}}
	}
	for most, intent := range map[int64]harmony.Intent{100: harmony.Repair, 200: harmony.Update} {
		p.wants = []jetstream.StreamConfig{wanted(most)}
		want := []harmony.Planned{{Intent: intent, Object: "stream orders", Fields: field(float64(most))}}
		if diff := cmp.Diff(want, plan(t, p).Planned); diff != "" {
			t.Error(diff)
		}
	}
	outcome, err := p.servers.Ensure(t.Context(), login, wanted(200))
	want := []harmony.Change{{Action: harmony.Updated, Object: "stream orders", Detail: "max_msgs: 7 → 200"}}
	if diff := cmp.Diff(want, outcome.Changes); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestWhatAServerCannotChangeIsSaidWithTheStream(t *testing.T) {
	p, js := stands(t, "right")
	other := wanted(100)
	other.Storage = jetstream.MemoryStorage
	if _, err := js.CreateStream(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	_, err := p.servers.Ensure(t.Context(), login, p.wants...)
	found := diag.All(err)
	if len(found) != 1 || found[0].Code != diag.StreamRefused || !strings.Contains(found[0].Evidence[0].Text, `storage "memory" -> "file"`) {
		t.Errorf("got %v", err)
	}
}

func TestWhereNobodyAnswersTheStreamsAreKnownAfterTheApply(t *testing.T) {
	wrong, _ := stands(t, "another")
	for name, p := range map[string]place{
		"nobody": {address: "127.0.0.1:1"}, "no Service": {refuses: diag.New(diag.NoService)}, "another password": wrong,
	} {
		p.wants = []jetstream.StreamConfig{wanted(100)}
		got := plan(t, p)
		if len(got.Planned) > 0 || len(got.Later) != 1 || got.Later[0] != "the streams of boss at Service/nats in demo" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	p := place{refuses: diag.New(diag.Forbidden)}
	if got := plan(t, p).Later; len(got) != 1 || !strings.Contains(got[0], "these credentials may not connect") {
		t.Errorf("got %v", got)
	}
}

func TestAUserThatTheServerDoesNotKnowIsSaid(t *testing.T) {
	p, _ := stands(t, "another")
	_, err := p.servers.Verify(t.Context(), login, p.wants...)
	if found := diag.All(err); len(found) != 1 || found[0].Code != diag.NobodyAnswered || !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("got %v", err)
	}
}
