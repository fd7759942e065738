// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
)

// order makes a command for press-07.
func order(verb contract.Verb, limit time.Duration) contract.Command {
	return contract.Command{
		Verb: verb, Plane: contract.NewPlaneID(), Device: press, Request: contract.NewRequestID(),
		Deadline: time.Now().Add(limit), Caller: "test", Args: []byte(`{"nonce":"n-1"}`),
	}
}

func encoded(t testing.TB, c contract.Command) []byte {
	t.Helper()
	data, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// served is an agent with further commands, connected, and a fleet that sees everything that passes.
type served struct {
	*rig
	server *natstest.Server
	fleet  *nats.Conn
	all    *nats.Subscription
}

func serve(t *testing.T, handlers map[contract.Verb]handler) *served {
	t.Helper()
	s := natstest.Start(t, devices())
	r := prepare(t, "", s)
	for verb, h := range handlers {
		r.commands.handle(verb, h)
	}
	fleet := s.Fleet()
	r.start()
	answers(t, fleet)
	all, err := fleet.SubscribeSync("fleet.>") // not ">": a listener on commands would hide that the device is gone
	if err == nil {
		err = errors.Join(all.SetPendingLimits(-1, -1), fleet.Flush())
	}
	if err != nil {
		t.Fatal(err)
	}
	return &served{r, s, fleet, all}
}

func (s *served) send(m *nats.Msg) {
	s.t.Helper()
	if err := s.fleet.PublishMsg(m); err != nil {
		s.t.Fatal(err)
	}
}

func (s *served) order(c contract.Command) {
	s.t.Helper()
	s.send(&nats.Msg{Subject: contract.CommandSubject(press, c.Verb), Data: encoded(s.t, c)})
}

// reply waits for the answer to a request.
func (s *served) reply(c contract.Command) error {
	s.t.Helper()
	for {
		m, err := s.all.NextMsgWithContext(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if m.Subject == contract.ReplySubject(press, c.Request) {
			_, err := contract.DecodePingReply(m.Data, contract.Asked{Device: press, Request: c.Request}, "n-1")
			return err
		}
	}
}

func (s *served) mustFail(c contract.Command, kind contract.ErrorKind, code contract.Code) {
	s.t.Helper()
	err := s.reply(c)
	var no *contract.ErrorReply
	if !errors.As(err, &no) || no.Kind != kind || no.Code != code {
		s.t.Fatalf("got %v, want %s (%s)", err, kind, code)
	}
}

func TestHostileMessages(t *testing.T) {
	s := serve(t, nil)
	var err error
	if s.all, err = s.fleet.SubscribeSync(">"); err != nil {
		t.Fatal(err)
	}
	good := order("ping", time.Minute)
	ping := contract.CommandSubject(press, "ping")
	other := good
	other.Device = oven
	change := func(old, with string) []byte { return bytes.ReplaceAll(encoded(t, good), []byte(old), []byte(with)) }
	for name, m := range map[string]*nats.Msg{
		"nothing":                   {Subject: ping},
		"garbage":                   {Subject: ping, Data: []byte("\x00\xff{{{")},
		"a million brackets":        {Subject: ping, Data: bytes.Repeat([]byte("["), 60_000)},
		"oversize":                  {Subject: ping, Data: change("test", strings.Repeat("t", 200_000))},
		"another device":            {Subject: ping, Data: encoded(t, other)},
		"a wild verb":               {Subject: "device-commands.press-07.PING", Data: encoded(t, good)},
		"another verb":              {Subject: "device-commands.press-07.exec", Data: encoded(t, good)},
		"a request to escape":       {Subject: ping, Data: change(good.Request.String(), "a.b.>")},
		"a field twice":             {Subject: ping, Data: change("{\"type\"", "{\"device\":\"oven-11\",\"type\"")},
		"headers":                   {Subject: ping, Data: []byte("{}"), Header: nats.Header{"Nats-Rollup": {"all"}, "Status": {"503"}}},
		"an evil reply":             {Subject: ping, Data: encoded(t, order("ping", time.Minute)), Reply: contract.DesiredSubject(oven)},
		"an evil reply to an error": {Subject: contract.CommandSubject(press, "nope"), Data: encoded(t, order("nope", time.Minute)), Reply: "$JS.API.STREAM.DELETE.KV_desired-state"},
		"another's subject":         {Subject: contract.CommandSubject(oven, "ping"), Data: encoded(t, other)},
	} {
		t.Run(name, func(t *testing.T) { s.send(m) })
	}
	last := order("ping", time.Minute)
	s.order(last)
	if err := s.reply(last); err != nil {
		t.Fatal(err)
	}
	s.onlyRepliesAndHeartbeats()
	if h := ready(t, s.rig); h.Commands.Ignored == 0 || h.Commands.Refused == 0 || h.NATS.Connects != 1 {
		t.Errorf("%+v", h)
	}
}

// onlyRepliesAndHeartbeats checks everything that the device has sent so far.
func (s *served) onlyRepliesAndHeartbeats() {
	s.t.Helper()
	for pending, _, err := s.all.Pending(); pending > 0; pending, _, err = s.all.Pending() {
		if err != nil {
			s.t.Fatal(err)
		}
		m, err := s.all.NextMsgWithContext(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if !strings.HasPrefix(m.Subject, "fleet.reply.press-07.") && m.Subject != contract.HeartbeatSubject(press) && !strings.HasPrefix(m.Subject, "device-commands.") {
			s.t.Errorf("the device wrote to %s: %s", m.Subject, m.Data)
		}
	}
}

func TestARequestIsAnsweredOnce(t *testing.T) {
	s := serve(t, nil)
	again := order("ping", time.Minute)
	refused := order("nope", time.Minute)
	last := order("ping", time.Minute)
	for range 20 {
		s.order(again)
		s.order(refused)
	}
	s.order(last)
	count := map[string]int{}
	until(t, "all answers", func(ctx context.Context) (string, bool) {
		m, err := s.all.NextMsgWithContext(ctx)
		if err != nil {
			return err.Error(), false
		}
		count[m.Subject]++
		return fmt.Sprint(count), count[contract.ReplySubject(press, last.Request)] == 1
	})
	// Commands run side by side, so the answer to the last may overtake others: stopping waits for all.
	s.end()
	for pending, _, _ := s.all.Pending(); pending > 0; pending-- {
		m, err := s.all.NextMsgWithContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		count[m.Subject]++
	}
	for _, c := range []contract.Command{again, refused} {
		if got := count[contract.ReplySubject(press, c.Request)]; got != 1 {
			t.Errorf("request of %s was answered %d times", c.Verb, got)
		}
	}
}

func TestAFloodLosesNothingSilently(t *testing.T) {
	s := serve(t, nil)
	before := ready(t, s.rig).Commands
	const sent = 20_000
	for range sent {
		s.order(order("ping", time.Minute))
	}
	until(t, "every command to be answered, refused or counted as dropped", func(context.Context) (string, bool) {
		now := ready(t, s.rig).Commands
		s.commands.mu.Lock()
		dropped, err := s.commands.subscription.Dropped()
		s.commands.mu.Unlock()
		total := now.Answered - before.Answered + now.Refused - before.Refused + uint64(dropped)
		return fmt.Sprintf("%+v, %d dropped of %d, %v", now, dropped, sent, err), total == sent
	})
	answers(t, s.fleet)
}

func TestUnknownVerb(t *testing.T) {
	s := serve(t, nil)
	c := order("reboot", time.Minute)
	s.order(c)
	s.mustFail(c, contract.KindRefused, contract.CodeUnknownVerb)
}

func TestExpiredCommandIsAnsweredAsSuch(t *testing.T) {
	s := serve(t, nil)
	c := order("ping", -time.Second)
	s.order(c)
	s.mustFail(c, contract.KindRefused, contract.CodeExpired)
}

func TestBadArgumentsAreRefused(t *testing.T) {
	s := serve(t, nil)
	c := order("ping", time.Minute)
	c.Args = []byte(`{"nonce":"n-1","count":3}`)
	s.order(c)
	s.mustFail(c, contract.KindRefused, contract.CodeMalformed)
}

// hang runs until its context ends.
func hang(ctx context.Context, _ contract.Command) (reply, error) {
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

func TestDeadlineEndsACommand(t *testing.T) {
	s := serve(t, map[contract.Verb]handler{"hang": hang})
	c := order("hang", time.Second)
	s.order(c)
	s.mustFail(c, contract.KindFailed, contract.CodeDeadline)
}

func TestMoreCommandsThanMayRunAreToldSo(t *testing.T) {
	s := serve(t, map[contract.Verb]handler{"hang": hang})
	for range maxRunning {
		s.order(order("hang", 3*time.Second))
	}
	c := order("ping", time.Minute)
	s.order(c)
	s.mustFail(c, contract.KindUnavailable, contract.CodeBusy)
	until(t, "a free slot", func(context.Context) (string, bool) { return "", len(s.commands.slots) == 0 })
	again := order("ping", time.Minute)
	s.order(again)
	if err := s.reply(again); err != nil {
		t.Fatal(err)
	}
}

func TestAPanicIsAnAnswer(t *testing.T) {
	s := serve(t, map[contract.Verb]handler{"boom": func(context.Context, contract.Command) (reply, error) { panic("at the disco") }})
	for range 2 * maxRunning { // slots are given back
		c := order("boom", time.Minute)
		s.order(c)
		s.mustFail(c, contract.KindInternal, contract.CodePanic)
	}
	answers(t, s.fleet)
}

func TestErrorsOfHandlersKeepTheirKind(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		kind contract.ErrorKind
		code contract.Code
	}{
		"own":     {&CommandError{contract.KindDenied, "not-allowed", "no", nil}, contract.KindDenied, "not-allowed"},
		"wrapped": {fmt.Errorf("x: %w", &CommandError{contract.KindFailed, "disk-full", "no", nil}), contract.KindFailed, "disk-full"},
		"unknown": {errors.New("what"), contract.KindInternal, contract.CodeInternal},
	} {
		if got := told(c.err); got.Kind != c.kind || got.Code != c.code {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestStoppingFinishesWhatRuns(t *testing.T) {
	started, goOn := make(chan struct{}), make(chan struct{})
	s := serve(t, map[contract.Verb]handler{"slow": func(_ context.Context, c contract.Command) (reply, error) {
		close(started)
		<-goOn
		return contract.PingReply{Device: press, Request: c.Request, Nonce: "n-1", AgentVersion: "v", Instance: contract.NewInstanceID(), StartedAt: time.Now()}, nil
	}})
	c := order("slow", time.Minute)
	s.order(c)
	<-started
	s.stop()
	until(t, "no one to listen for new commands", func(ctx context.Context) (string, bool) {
		_, err := command.Client{Conn: s.fleet, Caller: "test"}.Ping(ctx, press, "n-1")
		var e *command.Error
		return fmt.Sprint(err), errors.As(err, &e) && e.Kind == command.DeviceOffline
	})
	close(goOn)
	if err := s.reply(c); err != nil {
		t.Error(err)
	}
	s.end()
}

func TestStoppingWithoutNATSIsQuick(t *testing.T) {
	s := serve(t, nil)
	s.server.Down()
	s.untilLink("a lost connection", func(l LinkStatus) bool { return !l.Connected })
	start := time.Now()
	s.end()
	if took := time.Since(start); took > drainLimit/2 {
		t.Errorf("it took %s: a drain waited for a server that is not there", took)
	}
}

// recorder is an outlet that keeps what is sent.
type recorder struct {
	mu   sync.Mutex
	sent map[string][]byte
}

func (r *recorder) connected() bool { return true }

func (r *recorder) publish(subject string, data []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sent == nil {
		r.sent = map[string][]byte{}
	}
	r.sent[subject] = data
	return nil
}

func TestStoppingEndsWhatDoesNotFinish(t *testing.T) {
	out := &recorder{}
	s := newCommandServer(press, contract.PlaneID{}, out, slog.New(slog.DiscardHandler))
	s.handle("hang", hang)
	c := order("hang", time.Minute)
	s.receive(contract.CommandSubject(press, "hang"), encoded(t, c))
	s.drain(10 * time.Millisecond)
	_, err := contract.DecodePingReply(out.sent[contract.ReplySubject(press, c.Request)], contract.Asked{Device: press, Request: c.Request}, "n-1")
	var no *contract.ErrorReply
	if !errors.As(err, &no) || no.Kind != contract.KindUnavailable || no.Code != contract.CodeStopping {
		t.Errorf("got %v", err)
	}
}

// Whatever comes, the server lives, and answers only on subjects of its own device's replies.
func FuzzReceive(f *testing.F) {
	good := encoded(f, order("ping", time.Hour))
	f.Add("device-commands.press-07.ping", good)
	f.Add("device-commands.press-07.nope", good)
	f.Add("device-commands.oven-11.ping", good)
	f.Add("device-commands.press-07.ping", []byte("{}"))
	f.Fuzz(func(t *testing.T, subject string, data []byte) {
		out := &recorder{}
		s := newCommandServer(press, contract.PlaneID{}, out, slog.New(slog.DiscardHandler))
		s.handle("ping", (&Agent{facts: Facts{Version: "v"}, instance: contract.NewInstanceID(), started: time.Now()}).ping)
		s.receive(subject, data)
		s.drain(time.Minute)
		for to, answer := range out.sent {
			text, ours := strings.CutPrefix(to, "fleet.reply.press-07.")
			if _, err := contract.ParseRequestID(text); !ours || err != nil || len(answer) == 0 {
				t.Fatalf("answered %q on %q", answer, to)
			}
		}
	})
}
