// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

// bad: what is malformed, or too large, written to the server without a client that would not send it. The deed is that somebody
// else pays for it: another device whose connection ends, or which the operator does not hear and answer, or the operator. Its
// rightful user ends the other's connection openly. What the operator makes of bad reports is tried in its package.
func bad() (all []deed) {
	for name, text := range map[string]string{
		"nothing":                    "PUB SUBJECT 0\r\n\r\n",
		"garbage":                    pub("SUBJECT", "\x00\xff{{{"),
		"sixty thousand brackets":    pub("SUBJECT", strings.Repeat("[", 60_000)),
		"a report that was cut off":  pub("SUBJECT", `{"type":"state","device":"a","workloads":[{`),
		"headers that are none":      "HPUB SUBJECT 8 12\r\n\r\n\r\n\r\n\r\nbody\r\n",
		"fifteen thousand headers":   hpub("SUBJECT", strings.Repeat("a:\r\n", 15_000)),
		"a thousand empty questions": strings.Repeat(pub("fleet.fetch.a.body", "")+pub("fleet.fetch.a.body.x", "")+pub("fleet.fetch.a.manifest.x.y", ""), 333),
	} {
		all = append(all, paying(name, text, false))
	}
	for name, text := range map[string]string{
		"more than its account allows":    pub("SUBJECT", strings.Repeat("x", contract.DevicePayloadLimit+1)),
		"more than any server takes":      "PUB SUBJECT 2000000000\r\n",
		"a line that is too long":         pub("fleet.reply.a."+strings.Repeat("x", 40_000), ""),
		"less than it says":               "PUB SUBJECT 4\r\nmuch more than that\r\n",
		"a length that is none":           "PUB SUBJECT -1\r\n\r\n",
		"what is not the protocol":        "GET / HTTP/1.1\r\n\r\n",
		"as if it were another server":    "RS+ FLEET SUBJECT\r\n",
		"who it is again, with no token":  `CONNECT {"name":"harmony-fleet-agent b","protocol":1}` + "\r\n",
		"who it is again, as a fleet's":   `CONNECT {"user":"administrator","pass":"x","protocol":1}` + "\r\n",
		"who it is again, as another one": `CONNECT {"auth_token":"TOKEN","name":"harmony-fleet-agent b","protocol":1}` + "\r\n",
	} {
		all = append(all, paying(name, text, true))
	}
	return all
}

func pub(subject, body string) string {
	return fmt.Sprintf("PUB %s %d\r\n%s\r\n", subject, len(body), body)
}

func hpub(subject, headers string) string {
	headers = "NATS/1.0\r\n" + headers + "\r\n"
	return fmt.Sprintf("HPUB %s %d %d\r\n%s\r\n", subject, len(headers), len(headers), headers)
}

// paying sends a text with each of the subjects of the device. Its connection ends with it, or stands.
func paying(name, text string, ends bool) deed {
	var victim *nats.Conn
	return deed{name: "have another pay for " + name, by: byKicker, act: func(s *scene, conn *nats.Conn, nonce string) error {
		victim = s.device("victim")
		if conn != s.a {
			return s.kick(conn, victim)
		}
		for _, subject := range own("a") {
			if ended := s.wire("a", strings.ReplaceAll(text, "SUBJECT", subject)); ended != ends {
				s.t.Errorf("%s on %s: its connection ended: %t", name, subject, ended)
			}
		}
		return nil
	}, effect: func(s *scene, _ string) bool { return victim.IsClosed() || s.b.IsClosed() || !s.serves(victim) }}
}

// wire connects as a device without a client, sends a text, and tells whether the server has ended the connection for it.
func (s *scene) wire(device, text string) (ended bool) {
	s.t.Helper()
	conn, err := new(net.Dialer).DialContext(s.t.Context(), "tcp", strings.TrimPrefix(s.w.URL(), "nats://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // the server may have been first
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	heard, token := bufio.NewReader(conn), s.w.Issuer.Token(device, s.key(device))
	sent := fmt.Sprintf("CONNECT {\"auth_token\":%q,\"name\":\"harmony-fleet-agent %s\",\"protocol\":1,\"headers\":true}\r\nPING\r\n", token, device)
	if _, err := io.WriteString(conn, sent); err != nil {
		s.t.Fatal(err)
	}
	if ponged(heard) != nil {
		s.t.Fatalf("%s is not let in", device)
	}
	// The server may end the connection before it has read all of it.
	_, err = io.WriteString(conn, strings.ReplaceAll(text, "TOKEN", token)+"PING\r\n")
	return errors.Join(err, ponged(heard)) != nil
}

// ponged reads what a server says until it says PONG.
func ponged(heard *bufio.Reader) error {
	for {
		if line, err := heard.ReadString('\n'); err != nil || line == "PONG\r\n" {
			return err
		}
	}
}

// serves tells whether the operator has the connections that it had from the beginning, and answers that device.
func (s *scene) serves(device *nats.Conn) bool {
	return slices.Equal(s.connections("harmony-fleet-operator"), s.operator) &&
		wait.Until(s.t.Context(), "an answer", wait.Pace{Limit: 10 * time.Second}, func(context.Context) (string, bool, error) {
			return "none", s.heard("fleet.answer.victim.manifest", "answer"), device.Publish("fleet.fetch.victim.manifest", nil)
		}) == nil
}

// connections are the numbers of those that the server has, whose names begin so.
func (s *scene) connections(prefix string) (ids []uint64) {
	s.t.Helper()
	all, err := s.w.Server.Connz(&server.ConnzOptions{Sort: server.ByCid})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range all.Conns {
		if strings.HasPrefix(c.Name, prefix) {
			ids = append(ids, c.Cid)
		}
	}
	return ids
}
