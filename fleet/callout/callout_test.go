// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/stream"
	"nationtech.io/harmony/wait"
)

func asIs(*callout.Config) {}

// soon waits until something holds.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	err := wait.Until(t.Context(), what, wait.Pace{Limit: 20 * time.Second}, func(context.Context) (string, bool, error) {
		return "not yet", holds(), nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func refused(err error) bool { return errors.Is(err, nats.ErrAuthorization) }

func TestEachRoleHasItsAccountAndRights(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	device := w.Device("press-07")
	control, err := w.Dial(nats.Token(w.Issuer.Token("control", w.Issuer.Enrol("control", contract.RoleOperator))), nats.CustomInboxPrefix(stream.Inbox))
	if err != nil {
		t.Fatal(err)
	}
	reader, err := w.Dial(nats.Token(w.Issuer.Token("screen", w.Issuer.Enrol("screen", contract.RoleReader))))
	if err != nil {
		t.Fatal(err)
	}
	read, err := reader.SubscribeSync("fleet.state.*")
	if err != nil {
		t.Fatal(err)
	}
	heard, err := control.SubscribeSync("fleet.state.*")
	if err != nil {
		t.Fatal(err)
	}
	told, err := device.SubscribeSync("device-commands.press-07.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, conn := range []*nats.Conn{reader, control, device} {
		if err := conn.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(device.Publish("fleet.state.press-07", []byte("s")), reader.Publish("device-commands.press-07.exec", []byte("from the reader")),
		reader.Flush(), control.Publish("device-commands.press-07.ping", []byte("c"))); err != nil {
		t.Fatal(err)
	}
	for what, sub := range map[string]*nats.Subscription{"the reader hears a state": read, "the control plane hears it": heard, "the device is told": told} {
		if m, err := sub.NextMsg(5 * time.Second); err != nil || len(m.Data) != 1 {
			t.Errorf("%s: %v, %v", what, m, err)
		}
	}
}

func TestADeviceThatIsRevokedComesInNowhereAndAllReplicasAgree(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	w.Callout(asIs)
	held := w.Issuer.Token("press-07", w.Enrol("press-07"))
	if _, err := w.DialAs("press-07", held); err != nil {
		t.Fatal(err)
	}
	for standing, reason := range map[callout.Standing]string{callout.Revoked: "revoked", callout.NotEnrolled: "not-enrolled"} {
		w.Directory.Set("press-07", standing)
		for range 20 { // the replicas share the questions
			if _, err := w.DialAs("press-07", held); !refused(err) {
				t.Fatalf("a token from before is replayed: %v", err)
			}
		}
		if got := strings.Count(w.Log.String(), `"verdict":"`+reason+`"`); got != 20 {
			t.Errorf("the audit tells %d times of %s", got, reason)
		}
	}
	w.Directory.Set("press-07", callout.Allowed)
	if _, err := w.DialAs("press-07", held); err != nil {
		t.Errorf("it is not let in again: %v", err)
	}
}

func TestADeviceIsLetInUnderTheNameOfItsConnectionAlone(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	held := w.Issuer.Token("press-07", w.Enrol("press-07"))
	for _, name := range []string{"", "press-07", "harmony-fleet-agent oven-11", "harmony-fleet-agent press-07 "} {
		if _, err := w.Dial(nats.Token(held), nats.Name(name)); !refused(err) {
			t.Errorf("called %q: %v", name, err)
		}
	}
	if !strings.Contains(w.Log.String(), `"verdict":"misnamed"`) {
		t.Error("the audit does not tell of it")
	}
}

func TestAConnectionThatCallsItselfAnotherLaterIsClosed(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	held := w.Issuer.Token("press-07", w.Enrol("press-07"))
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.URL(), "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	says := func(name string) (text string) {
		t.Helper()
		if _, err := fmt.Fprintf(conn, "CONNECT {\"auth_token\":%q,\"name\":%q,\"protocol\":1}\r\nPING\r\n", held, name); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			if text = lines.Text(); text == "PONG" || strings.HasPrefix(text, "-ERR") {
				return text
			}
		}
		return "closed"
	}
	if got := says("harmony-fleet-agent press-07"); got != "PONG" {
		t.Fatal(got)
	}
	if got := says("harmony-fleet-agent oven-11"); !strings.Contains(got, "Authorization Violation") {
		t.Errorf("a second CONNECT with another name: %s", got)
	}
}

func TestKeysOfTheServerRotate(t *testing.T) {
	w := callouttest.Start(t)
	before := mustRead(t, w.SeedFile)
	w.Callout(asIs)
	key := w.Enrol("press-07")
	connects := func() error { _, err := w.DialAs("press-07", w.Issuer.Token("press-07", key)); return err }
	signing, sealing := callouttest.NewKey(t, nkeys.CreateAccount), callouttest.NewKey(t, nkeys.CreateCurveKeys)
	w.Write(w.SeedFile, before+signing.Seed+"\n"+sealing.Seed+"\n")
	soon(t, "the new keys are known", func() bool { return strings.Contains(w.Log.String(), "read anew") })
	if err := connects(); err != nil {
		t.Errorf("with the old keys: %v", err)
	}
	w.Trust(signing, sealing)
	soon(t, "the callout is back at the server", func() bool { return connects() == nil })
	w.Write(w.SeedFile, signing.Seed+"\n"+sealing.Seed+"\n")
	soon(t, "the old keys are forgotten", func() bool { return strings.Count(w.Log.String(), "read anew") == 2 })
	if err := connects(); err != nil {
		t.Errorf("without the old keys: %v", err)
	}
}

func TestAReloadOfTheServerLeavesDevicesConnected(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	device := w.Device("press-07")
	if err := w.Server.Reload(); err != nil {
		t.Fatal(err)
	}
	if err := device.Flush(); err != nil || device.Stats().Reconnects != 0 {
		t.Errorf("%v, %d reconnects", err, device.Stats().Reconnects)
	}
}

func TestDevicesStayWhileTheCalloutIsAway(t *testing.T) {
	w := callouttest.Start(t)
	stop := w.Callout(asIs)
	device := w.Device("press-07")
	stop()
	if err := device.Flush(); err != nil {
		t.Errorf("who is connected: %v", err)
	}
	w.Callout(asIs)
	if device := w.Device("oven-11"); device.Flush() != nil {
		t.Error("a callout that is back does not answer")
	}
}

func TestACalloutThatReachesNoServerIsNotReadyAndSaysWhy(t *testing.T) {
	w := callouttest.Start(t)
	dir := t.TempDir()
	password, authority := filepath.Join(dir, "password"), filepath.Join(dir, "ca.pem")
	w.Write(password, "callout")
	if err := natstest.WriteCertificate(authority, filepath.Join(dir, "key.pem")); err != nil {
		t.Fatal(err)
	}
	c, err := callout.New(callout.Config{
		NATS:   callout.NATS{URLs: []string{w.URL()}, User: "callout", PasswordFile: password, CAFile: authority}, // it speaks no TLS
		Issuer: w.Issuer.URL, Directory: w.Directory, KeyFiles: []string{w.SeedFile}, Log: slog.New(slog.NewJSONHandler(w.Log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	soon(t, "why it is not connected", func() bool { return strings.Contains(w.Log.String(), "secure connection not available") })
	select {
	case <-c.Ready():
		t.Error("it is ready")
	default:
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestNobodyButAServerCanAsk(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	violations := make(chan error, 1)
	admin, err := w.Dial(nats.UserInfo(callouttest.Administrator, callouttest.Administrator), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		violations <- err
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(admin.PublishRequest(callout.Subject, callout.Answers+"x", []byte("garbage")), admin.Flush()); err != nil {
		t.Fatal(err)
	}
	if err := <-violations; !errors.Is(err, nats.ErrPermissionViolation) {
		t.Error(err)
	}
}

func TestWhatTheAuditTells(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	token := w.Issuer.Token("press-07", w.Enrol("press-07"))
	if _, err := w.DialAs("press-07", token); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Dial(nats.Token("hunter2")); !refused(err) {
		t.Errorf("%v", err)
	}
	said := w.Log.String()
	for _, want := range []string{`"verdict":"ok"`, `"device":"press-07"`, `"host":"127.0.0.1"`, `"verdict":"malformed"`} {
		if !strings.Contains(said, want) {
			t.Errorf("%s is missing in\n%s", want, said)
		}
	}
	for _, hidden := range []string{token, token[strings.LastIndex(token, ".")+1:], "hunter2"} {
		if strings.Contains(said, hidden) {
			t.Errorf("the log shows %s", hidden)
		}
	}
}

func TestManyAtOnceAreAllAnswered(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	token := w.Issuer.Token("press-07", w.Enrol("press-07"))
	errs := make(chan error)
	const many = 100
	for range many {
		go func() {
			// On a busy machine the client gives up on some before they are answered, and comes again, as devices do.
			errs <- wait.Until(t.Context(), "to be let in", wait.Pace{Every: 2 * time.Second, Limit: time.Minute}, func(context.Context) (string, bool, error) {
				_, err := w.DialAs("press-07", token)
				return fmt.Sprint(err), err == nil, nil
			})
		}()
	}
	for i := range many {
		if err := <-errs; err != nil {
			t.Error(fmt.Errorf("%d: %w", i, err))
		}
	}
}

func mustRead(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
