// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony/wait"
)

// headers: what a header asks of a stream. A device tries it on all its subjects, with the stream's as the reply subject, and on
// the stream's. It came about when the stream took the message with that header.
func headers() (all []deed) {
	for _, header := range []string{
		"Nats-Rollup: all", "Nats-Rollup: sub", "Nats-Msg-Id: NONCE", "Nats-TTL: 60s", "KV-Operation: PURGE",
		"Nats-Expected-Stream: lab", "Nats-Expected-Last-Msg-Id: ", "Nats-Expected-Last-Sequence: LAST", "Nats-Expected-Last-Subject-Sequence: LAST OF SUBJECT",
	} {
		name, value, _ := strings.Cut(header, ": ")
		all = append(all, deed{name: "send the header " + header, by: byAdmin, act: func(s *scene, conn *nats.Conn, nonce string) error {
			return s.headed(conn, nonce, nats.Header{name: {s.filled(value, nonce)}})
		}, effect: func(s *scene, nonce string) bool { return s.inLab(name, nonce) }})
	}
	return append(append(all, traces()...), scheduling(), batching())
}

// filled is the value of a header, as it has to be now.
func (s *scene) filled(value, nonce string) string {
	switch value {
	case "NONCE":
		return nonce
	case "LAST":
		lab, err := s.js.Stream(s.t.Context(), "lab")
		if err != nil {
			s.t.Fatal(err)
		}
		return fmt.Sprint(lab.CachedInfo().State.LastSeq)
	case "LAST OF SUBJECT":
		if last := s.lastInLab("lab.x"); last != nil {
			return fmt.Sprint(last.Sequence)
		}
		return "0"
	}
	return value
}

// headed sends messages with headers one after the other, to each subject.
func (s *scene) headed(conn *nats.Conn, nonce string, headers ...nats.Header) (tried error) {
	subjects := []string{"lab.x"}
	if conn == s.a {
		subjects = append(own("a"), subjects...)
	}
	for _, subject := range subjects {
		for _, h := range headers {
			m := &nats.Msg{Subject: subject, Header: h, Data: []byte(nonce)}
			if subject != "lab.x" {
				m.Reply = "lab.reply"
			}
			tried = errors.Join(tried, conn.PublishMsg(m))
		}
	}
	return tried
}

func (s *scene) inLab(header, nonce string) bool {
	for _, subject := range []string{"lab.x", "lab.reply", "lab.due"} {
		if last := s.lastInLab(subject); last != nil && string(last.Data) == nonce && last.Header.Values(header) != nil {
			return true
		}
	}
	return false
}

// lastInLab is the last message of a subject; nil if there is none.
func (s *scene) lastInLab(subject string) *jetstream.RawStreamMsg {
	lab, err := s.js.Stream(s.t.Context(), "lab")
	if err != nil {
		s.t.Fatal(err)
	}
	last, err := lab.GetLastMsgForSubject(s.t.Context(), subject)
	if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		s.t.Fatal(err)
	}
	return last
}

// scheduling has the stream send a message later on. For that the device is given longer than a server needs.
func scheduling() deed {
	return deed{name: "have a message sent later, by the headers Nats-Schedule and Nats-Schedule-Target", by: byAdmin, act: func(s *scene, conn *nats.Conn, nonce string) error {
		h := nats.Header{"Nats-Schedule": {"@at " + time.Now().UTC().Format(time.RFC3339)}, "Nats-Schedule-Target": {"lab.due"}, "Nats-Schedule-TTL": {"60s"}}
		err := s.headed(conn, nonce, h)
		if conn == s.a {
			err = errors.Join(err, wait.Sleep(s.t.Context(), time.Second))
		}
		return err
	}, effect: func(s *scene, nonce string) bool { return s.inLab("Nats-Scheduler", nonce) }}
}

// batching has the stream take two messages together.
func batching() deed {
	return deed{name: "send a batch, by the headers Nats-Batch-Id, Nats-Batch-Sequence and Nats-Batch-Commit", by: byAdmin, act: func(s *scene, conn *nats.Conn, nonce string) error {
		return s.headed(conn, nonce, nats.Header{"Nats-Batch-Id": {nonce}, "Nats-Batch-Sequence": {"1"}},
			nats.Header{"Nats-Batch-Id": {nonce}, "Nats-Batch-Sequence": {"2"}, "Nats-Batch-Commit": {"1"}})
	}, effect: func(s *scene, nonce string) bool { return s.inLab("Nats-Batch-Commit", nonce) }}
}

// traces have a server tell where a message went, to whom the header says.
func traces() (all []deed) {
	for _, to := range []string{"device-commands.b.exec", "fleet.desired.b", "$KV.desired-state.b"} {
		all = append(all, deed{name: "have a trace sent to " + to, by: byAdmin, act: func(s *scene, conn *nats.Conn, nonce string) error {
			subjects := []string{"elsewhere"}
			if conn == s.a {
				subjects = own("a")
			}
			var tried error
			for _, subject := range subjects {
				tried = errors.Join(tried, conn.PublishMsg(&nats.Msg{Subject: subject, Header: nats.Header{"Nats-Trace-Dest": {to}}, Data: []byte(nonce)}))
			}
			return tried
		}, effect: func(s *scene, _ string) bool { return s.heard(to, "server") }})
	}
	return all
}
