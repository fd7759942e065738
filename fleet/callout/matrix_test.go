// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/bus"
	"nationtech.io/harmony/fleet/stream"
	"nationtech.io/harmony/streams"
	"nationtech.io/harmony/wait"
)

// deed is something that device a must not do.
type deed struct {
	name string
	// by is who may.
	by func(*scene) *nats.Conn
	// kicker is true for what the kicker must not do, in place of device a.
	kicker bool
	// act tries it. What it is given differs each time, so that what comes of it can be told apart.
	act func(s *scene, conn *nats.Conn, nonce string) error
	// effect tells whether it came about.
	effect func(s *scene, nonce string) bool
}

// scene is a fleet with two devices, its control plane, and someone who listens in every account.
type scene struct {
	t                                    *testing.T
	w                                    *callouttest.World
	a, b, control, admin, system, kicker *nats.Conn
	js                                   jetstream.JetStream
	taps                                 []*tap
	keys                                 map[string]assertion.Key
	operator                             []uint64 // its connections
}

const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func newScene(t *testing.T) *scene {
	t.Helper()
	w := callouttest.Start(t)
	w.Callout(asIs)
	s := &scene{t: t, w: w, keys: map[string]assertion.Key{}, admin: w.Static(callouttest.Administrator), system: w.Static(callouttest.System), kicker: w.Static(callouttest.Kicker)}
	var err error
	if s.control, err = w.Dial(nats.Token(w.Issuer.Token("control", w.Issuer.Enrol("control", contract.RoleOperator))), nats.CustomInboxPrefix(stream.Inbox)); err != nil {
		t.Fatal(err)
	}
	if s.js, err = jetstream.New(s.admin); err != nil {
		t.Fatal(err)
	}
	s.taps = []*tap{s.tap(s.admin), s.tap(w.Static(callouttest.Tap)), s.tap(s.system)}
	s.restore()
	s.a, s.b = s.device("a"), s.device("b")
	s.operate()
	return s
}

// key is that of a device, which is enrolled the first time.
func (s *scene) key(name string) assertion.Key {
	if _, enrolled := s.keys[name]; !enrolled {
		s.keys[name] = s.w.Enrol(name)
	}
	return s.keys[name]
}

// device connects, and subscribes to all that a device hears. An honest one answers commands, and looks at no reply subject.
func (s *scene) device(name string) *nats.Conn {
	s.t.Helper()
	conn, err := s.w.DialAs(name, s.w.Issuer.Token(name, s.key(name)))
	if err != nil {
		s.t.Fatal(err)
	}
	answer := func(m *nats.Msg) {
		if strings.HasPrefix(m.Subject, "device-commands.") {
			_ = conn.Publish("fleet.reply."+name+".r1", m.Data)
		}
	}
	for _, subject := range []string{"fleet.desired." + name, "fleet.answer." + name + ".>", "device-commands." + name + ".*"} {
		if _, err := conn.Subscribe(subject, answer); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := conn.Flush(); err != nil {
		s.t.Fatal(err)
	}
	return conn
}

// operate has the operator's bus hear devices. Its user may publish anywhere, so that nothing is refused to it which it should
// not do.
func (s *scene) operate() {
	s.t.Helper()
	c := bus.Config{URL: s.w.URL(), User: callouttest.Administrator, PasswordFile: s.w.PasswordFile(callouttest.Administrator)}
	opened, err := bus.Open(c, slog.New(slog.DiscardHandler))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(opened.Close)
	stop, err := opened.Listen(answering{opened})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(stop)
	if s.operator = s.connections("harmony-fleet-operator"); len(s.operator) != 2 || !s.serves(s.device("victim")) {
		s.t.Fatal("the operator does not answer")
	}
}

// restore makes the fleet's streams as they must be, and one in which everything that a header can ask for is allowed.
func (s *scene) restore() {
	s.t.Helper()
	_, err := streams.Ensure(s.t.Context(), s.js, stream.Layout{}.Buckets()...)
	_, lab := s.js.CreateOrUpdateStream(s.t.Context(), jetstream.StreamConfig{
		Name: "lab", Subjects: []string{"lab.*"}, Storage: jetstream.MemoryStorage, AllowDirect: true, AllowRollup: true, AllowMsgTTL: true,
		AllowMsgSchedules: true, AllowAtomicPublish: true,
	})
	if err := errors.Join(err, lab); err != nil {
		s.t.Fatal(err)
	}
}

// settle returns when what was sent so far has come about, as far as a server can tell. It is quick, so it gives what comes
// later a moment more.
func (s *scene) settle(conn *nats.Conn) {
	s.t.Helper()
	_ = conn.FlushTimeout(2 * time.Second) // a connection that was cut off has settled
	for _, one := range []*nats.Conn{s.b, s.control, s.system, s.admin} {
		if err := one.FlushTimeout(2 * time.Second); err != nil {
			s.t.Fatal(err)
		}
	}
	if _, err := s.js.AccountInfo(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	if err := wait.Sleep(s.t.Context(), 15*time.Millisecond); err != nil {
		s.t.Fatal(err)
	}
}

// attempt does it, and tells whether it came about. A device that was cut off for it comes back.
func (s *scene) attempt(d deed, conn *nats.Conn, nonce string, patience time.Duration) bool {
	s.t.Helper()
	s.restore()
	for _, tap := range s.taps {
		tap.clear()
	}
	if err := d.act(s, conn, nonce); err != nil && patience > 0 {
		s.t.Logf("%s, by its rightful user: %v", d.name, err)
	}
	s.settle(conn)
	if patience == 0 {
		return d.effect(s, nonce)
	}
	return wait.Until(s.t.Context(), d.name, wait.Pace{Limit: patience}, func(context.Context) (string, bool, error) {
		return "not yet", d.effect(s, nonce), nil
	}) == nil
}

// TestPermissionMatrix counts what device a, or the kicker, is refused, and its rightful user is not.
func TestPermissionMatrix(t *testing.T) {
	s := newScene(t)
	passed, failed := 0, 0
	for i, d := range deeds() {
		nonce := fmt.Sprintf("nonce-%d", i)
		who, conn := "the device", s.a
		if d.kicker {
			who, conn = "the kicker", s.kicker
		}
		verdict := "refused to " + who + ", done by its rightful user"
		if s.attempt(d, conn, nonce+"-a", 0) {
			verdict = "NOT REFUSED"
		} else if !s.attempt(d, d.by(s), nonce+"-r", 5*time.Second) {
			verdict = "NOT PROVED: its rightful user cannot do it either"
		}
		if s.a.IsClosed() {
			s.a = s.device("a")
		}
		if strings.HasPrefix(verdict, "NOT") {
			failed++
			t.Errorf("%s: %s", d.name, verdict)
		} else {
			passed++
		}
		fmt.Printf("CASE %02d %s: %s\n", i+1, d.name, verdict)
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if passed < 200 {
		t.Errorf("%d are too few to prove anything", passed)
	}
	s.duties(t)
}

// duties are what a device must do, with the same user.
func (s *scene) duties(t *testing.T) {
	t.Helper()
	for _, subject := range own("a") {
		s.duty(t, subject, func() error { return s.a.Publish(subject, []byte("duty")) }, subject)
	}
	s.duty(t, "hears what it asked for", func() error { return s.a.Publish("fleet.fetch.a.manifest", nil) }, "fleet.answer.a.manifest")
	s.duty(t, "hears what it should be", func() error {
		_, err := s.js.Publish(t.Context(), "$KV.desired-state.a", []byte("m"))
		return err
	}, "fleet.desired.a")
	s.duty(t, "answers a command", func() error { return s.control.Publish("device-commands.a.ping", []byte("duty")) }, "fleet.reply.a.r1")
}

func (s *scene) duty(t *testing.T, name string, act func() error, subject string) {
	t.Helper()
	for _, tap := range s.taps {
		tap.clear()
	}
	if err := act(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	soon(t, "a device can: "+name, func() bool { return s.heard(subject, "") })
}

// own are the subjects that a device may publish to.
func own(id string) []string {
	return []string{"fleet.state." + id, "fleet.info." + id, "fleet.heartbeat." + id, "fleet.fetch." + id + ".manifest", "fleet.reply." + id + ".r1"}
}
