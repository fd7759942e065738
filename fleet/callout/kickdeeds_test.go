// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/stream"
)

func byKicker(s *scene) *nats.Conn { return s.kicker }

// kicking: a connection of another device is closed by the server that has it.
func kicking() []deed {
	var victim *nats.Conn
	return []deed{{"close a connection of another device", byKicker, func(s *scene, conn *nats.Conn, _ string) error {
		victim = s.device("victim")
		cid, err := victim.GetClientID()
		if err != nil {
			return err
		}
		asked, err := json.Marshal(map[string]uint64{"cid": cid})
		if err != nil {
			return err
		}
		return conn.PublishRequest("$SYS.REQ.SERVER."+s.w.Server.ID()+".KICK", stream.KickerInbox+".x", asked)
	}, func(*scene, string) bool { return victim.IsClosed() }}}
}

// kickerMayNot tries what the kicker must not do, and hears of each that the server refuses it.
func (s *scene) kickerMayNot(t *testing.T) (passed, failed int) {
	t.Helper()
	refused := make(chan error, 16)
	kicker, err := s.w.Dial(nats.UserInfo(callouttest.Kicker, callouttest.Kicker), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	id := s.w.Server.ID()
	acts := map[string]func(*nats.Conn) error{}
	for _, subject := range []string{
		"$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.VARZ", "$SYS.REQ.SERVER.PING.SUBSZ", "$SYS.REQ.SERVER." + id + ".CONNZ", "$SYS.REQ.SERVER." + id + ".RELOAD",
		"$SYS.REQ.SERVER." + id + ".LDM", "$SYS.REQ.ACCOUNT.FLEET.CONNZ", "$SYS.REQ.ACCOUNT.DEVICES.CONNZ", "$SYS.REQ.CLAIMS.UPDATE", "$SYS.REQ.USER.AUTH",
		"$SYS.SERVER." + id + ".SHUTDOWN", "$SYS._INBOX.x", "fleet.state.b", "device-commands.b.exec", "elsewhere",
	} {
		acts["publish "+strings.ReplaceAll(subject, id, "ID")] = func(conn *nats.Conn) error { return conn.PublishRequest(subject, stream.KickerInbox+".x", nil) }
	}
	for _, subject := range []string{">", "$SYS.>", "$SYS.ACCOUNT.*.CONNECT", "$SYS.REQ.>", "_INBOX.>", "fleet.>"} {
		acts["subscribe to "+subject] = func(conn *nats.Conn) error {
			sub, err := conn.SubscribeSync(subject)
			if err != nil {
				return err
			}
			return errors.Join(conn.Flush(), sub.Unsubscribe())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(acts)) {
		verdict := "NOT REFUSED"
		if err := errors.Join(acts[name](kicker), kicker.Flush()); err == nil {
			select {
			case err := <-refused:
				if errors.Is(err, nats.ErrPermissionViolation) {
					verdict = "refused to the kicker"
				}
			case <-time.After(5 * time.Second):
			}
		}
		if strings.HasPrefix(verdict, "NOT") {
			failed++
			t.Errorf("the kicker: %s: %s", name, verdict)
		} else {
			passed++
		}
		fmt.Printf("CASE kicker %s: %s\n", name, verdict)
	}
	return passed, failed
}
