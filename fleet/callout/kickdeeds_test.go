// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/stream"
)

func byKicker(s *scene) *nats.Conn { return s.kicker }

// kicking: a connection of another device is closed by the server that has it.
func kicking() []deed {
	var victim *nats.Conn
	return []deed{{name: "close a connection of another device", by: byKicker, act: func(s *scene, conn *nats.Conn, _ string) error {
		victim = s.device("victim")
		return s.kick(conn, victim)
	}, effect: func(*scene, string) bool { return victim.IsClosed() }}}
}

func (s *scene) kick(by, victim *nats.Conn) error {
	cid, err := victim.GetClientID()
	if err != nil {
		return err
	}
	asked, err := json.Marshal(map[string]uint64{"cid": cid})
	if err != nil {
		return err
	}
	return by.PublishRequest("$SYS.REQ.SERVER."+s.w.Server.ID()+".KICK", stream.KickerInbox+".x", asked)
}

// kickers: what the kicker must not do. What reaches a server by this is no request that it would carry out.
func kickers() (all []deed) {
	says := func(by func(*scene) *nats.Conn, subject string) {
		at := func(s *scene) string { return strings.ReplaceAll(subject, "ID", s.w.Server.ID()) }
		all = append(all, deed{name: "as the kicker, publish " + subject, by: by, kicker: true, act: func(s *scene, conn *nats.Conn, nonce string) error {
			return conn.PublishRequest(at(s), stream.KickerInbox+".x", []byte(nonce))
		}, effect: func(s *scene, nonce string) bool { return s.heard(at(s), nonce) }})
	}
	for _, subject := range []string{
		"$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.VARZ", "$SYS.REQ.SERVER.PING.SUBSZ", "$SYS.REQ.SERVER.ID.CONNZ", "$SYS.REQ.SERVER.ID.RELOAD",
		"$SYS.REQ.SERVER.ID.LDM", "$SYS.REQ.ACCOUNT.FLEET.CONNZ", "$SYS.REQ.ACCOUNT.DEVICES.CONNZ", "$SYS.REQ.CLAIMS.UPDATE", "$SYS.REQ.USER.AUTH",
		"$SYS.SERVER.ID.SHUTDOWN", "$SYS._INBOX.x",
	} {
		says(bySystem, subject)
	}
	says(byB, "fleet.state.b")
	says(byControl, "device-commands.b.exec")
	says(byAdmin, "elsewhere")
	for subject, said := range map[string]string{
		">": "elsewhere", "$SYS.>": "$SYS.REQ.x", "$SYS.ACCOUNT.*.CONNECT": "$SYS.ACCOUNT.x.CONNECT", "$SYS.REQ.>": "$SYS.REQ.x", "_INBOX.>": "_INBOX.x", "fleet.>": "fleet.x",
	} {
		d := listening("as the kicker, subscribe to "+subject, subject, "", bySystem, func(s *scene, _, nonce string) error {
			return errors.Join(s.system.Publish(said, []byte(nonce)), s.system.Flush())
		})
		d.kicker = true
		all = append(all, d)
	}
	return all
}
