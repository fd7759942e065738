// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/contract"
)

func byB(s *scene) *nats.Conn       { return s.b }
func byControl(s *scene) *nats.Conn { return s.control }
func byAdmin(s *scene) *nats.Conn   { return s.admin }
func bySystem(s *scene) *nats.Conn  { return s.system }

func deeds() []deed {
	var all []deed
	for _, some := range [][]deed{publishing(), asking(), replying(), subscribing(), headers(), limits(), bad(), kicking(), kickers()} {
		slices.SortFunc(some, func(a, b deed) int { return strings.Compare(a.name, b.name) })
		all = append(all, some...)
	}
	return all
}

// publishing: what another says, or the control plane does.
func publishing() (all []deed) {
	says := func(by func(*scene) *nats.Conn, subject string) {
		all = append(all, deed{name: "publish " + subject, by: by, act: func(_ *scene, conn *nats.Conn, nonce string) error {
			return conn.Publish(subject, []byte(nonce))
		}, effect: func(s *scene, nonce string) bool { return s.heard(subject, nonce) }})
	}
	for _, subject := range append(own("b"), "fleet.fetch.b.body."+digest) {
		says(byB, subject)
	}
	for _, subject := range []string{
		"fleet.answer.a.manifest", "fleet.answer.b.manifest", "fleet.answer.b.body." + digest, "device-commands.a.ping", "device-commands.b.ping", "device-commands.b.exec",
	} {
		says(byControl, subject)
	}
	for _, subject := range []string{"fleet.desired.a", "fleet.desired.b", "fleet.state.b.x", "fleet.state", "_INBOX.b.1", "elsewhere"} {
		says(byAdmin, subject)
	}
	for _, key := range []string{"$KV.desired-state.a", "$KV.desired-state.b", "$KV.releases." + digest} {
		all = append(all, deed{name: "write " + key, by: byControl, act: func(_ *scene, conn *nats.Conn, nonce string) error {
			return conn.Publish(key, []byte(nonce))
		}, effect: func(s *scene, nonce string) bool { return s.stored(key, nonce) }})
	}
	return all
}

// stored tells whether the last value of a key is that.
func (s *scene) stored(subject, text string) bool {
	bucket := strings.Split(subject, ".")[1]
	kept, err := s.js.Stream(s.t.Context(), "KV_"+bucket)
	if err != nil {
		return false
	}
	last, err := kept.GetLastMsgForSubject(s.t.Context(), subject)
	return err == nil && string(last.Data) == text
}

// asking: the APIs of JetStream and of the server. It came about when there is an answer.
func asking() (all []deed) {
	asks := func(by func(*scene) *nats.Conn, subject, body string) {
		all = append(all, deed{name: "ask " + subject, by: by, act: func(_ *scene, conn *nats.Conn, nonce string) error {
			return conn.PublishRequest(subject, "answers."+nonce, []byte(body))
		}, effect: func(s *scene, nonce string) bool { return s.answered(nonce) }})
	}
	for _, verb := range []string{"INFO", "CREATE", "UPDATE", "PURGE"} {
		asks(byControl, "$JS.API.STREAM."+verb+".KV_"+contract.BucketDesired, "")
	}
	for subject, body := range map[string]string{
		"$JS.API.INFO": "", "$JS.API.STREAM.NAMES": "", "$JS.API.STREAM.LIST": "", "$JS.API.STREAM.DELETE.KV_desired-state": "",
		"$JS.API.STREAM.MSG.GET.KV_desired-state": `{"seq":1}`, "$JS.API.STREAM.MSG.DELETE.KV_desired-state": `{"seq":1}`,
		"$JS.API.STREAM.SNAPSHOT.KV_desired-state": `{"deliver_subject":"x"}`, "$JS.API.DIRECT.GET.KV_desired-state.$KV.desired-state.b": "",
		"$JS.API.DIRECT.GET.KV_releases": `{"seq":1}`, "$JS.API.CONSUMER.NAMES.KV_desired-state": "",
		"$JS.API.CONSUMER.CREATE.KV_desired-state":   `{"stream_name":"KV_desired-state","config":{"deliver_subject":"device-commands.b.exec","ack_policy":"none"}}`,
		"$JS.API.CONSUMER.DELETE.KV_desired-state.x": "",
	} {
		asks(byAdmin, subject, body)
	}
	for _, subject := range []string{"$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.ACCOUNT.FLEET.CONNZ", "$SYS.REQ.USER.INFO"} {
		asks(bySystem, subject, "")
	}
	return all
}

func (s *scene) answered(nonce string) bool { return s.heard("answers."+nonce, "") }

// subscribing: what others hear. It came about when a message that is meant for them was heard.
func subscribing() (all []deed) {
	for subject, by := range map[string]func(*scene) *nats.Conn{
		"fleet.desired.b": byB, "fleet.answer.b.>": byB, "device-commands.b.*": byB,
		"fleet.state.*": byControl, "fleet.info.*": byControl, "fleet.heartbeat.*": byControl, "fleet.fetch.*.>": byControl, "fleet.reply.*.>": byControl,
		"fleet.desired.*": byAdmin, "fleet.answer.>": byAdmin, "device-commands.>": byAdmin, "device-commands.*.*": byAdmin, ">": byAdmin, "fleet.>": byAdmin,
		"fleet.state.b": byAdmin, "fleet.*.b": byAdmin, "_INBOX.>": byAdmin, "$KV.>": byAdmin, "$JS.>": byAdmin, "*.b.*": byAdmin, "fleet.reply.b.>": byAdmin,
	} {
		all = append(all, listening("subscribe to "+subject, subject, "", by, (*scene).say))
	}
	return append(all, listening("share b's commands in a queue", "device-commands.b.*", "q", byB, (*scene).say))
}

// listening hears what is then said.
func listening(name, subject, queue string, by func(*scene) *nats.Conn, say func(s *scene, subject, nonce string) error) deed {
	var heard atomic.Bool
	return deed{name: name, by: by, act: func(s *scene, conn *nats.Conn, nonce string) error {
		heard.Store(false)
		sub, err := conn.QueueSubscribe(subject, queue, func(m *nats.Msg) {
			if string(m.Data) == nonce {
				heard.Store(true)
			}
		})
		if err != nil {
			return err
		}
		defer func() { s.settle(conn); _ = sub.Unsubscribe() }()
		return errors.Join(conn.Flush(), say(s, subject, nonce))
	}, effect: func(*scene, string) bool { return heard.Load() }}
}

// say publishes what a subject is for, as who may: devices say what comes from them, an administrator all else.
func (s *scene) say(subject, nonce string) error {
	concrete := map[string]string{
		">": "fleet.desired.b", "fleet.>": "fleet.desired.b", "_INBOX.>": "_INBOX.b.1", "$KV.>": "$KV.desired-state.b", "$JS.>": "$JS.API.INFO", "*.b.*": "device-commands.b.ping",
		"fleet.*.b": "fleet.desired.b", "fleet.answer.>": "fleet.answer.b.manifest", "fleet.answer.b.>": "fleet.answer.b.manifest", "device-commands.>": "device-commands.b.ping",
		"device-commands.*.*": "device-commands.b.ping", "device-commands.b.*": "device-commands.b.ping", "fleet.fetch.*.>": "fleet.fetch.b.manifest",
		"fleet.reply.*.>": "fleet.reply.b.r1", "fleet.reply.b.>": "fleet.reply.b.r1",
	}[subject]
	if concrete == "" {
		concrete = strings.ReplaceAll(subject, "*", "b")
	}
	from := s.admin
	for _, one := range append(own("b"), "fleet.fetch.b.manifest") {
		if concrete == one {
			from = s.b
		}
	}
	return errors.Join(from.Publish(concrete, []byte(nonce)), from.Flush())
}

// limits: what costs others.
func limits() []deed {
	large := strings.Repeat("x", contract.DevicePayloadLimit)
	var told atomic.Int32
	return []deed{
		{name: "send more than its account allows", by: byAdmin, act: func(s *scene, conn *nats.Conn, nonce string) error {
			if conn == s.a {
				s.wire("a", pub("fleet.state.a", nonce+large)) // a client would not send it
				return nil
			}
			return conn.Publish("elsewhere", []byte(nonce+large))
		}, effect: func(s *scene, nonce string) bool {
			return s.heard("fleet.state.a", nonce) || s.heard("elsewhere", nonce)
		}},
		{name: "hold more subscriptions than its account allows", by: byAdmin, act: func(s *scene, conn *nats.Conn, nonce string) error {
			told.Store(0)
			var subs []*nats.Subscription
			for range contract.DeviceSubscriptionLimit + 4 {
				sub, err := conn.Subscribe("device-commands.a.ping", func(m *nats.Msg) {
					if string(m.Data) == nonce {
						told.Add(1)
					}
				})
				if err != nil {
					return fmt.Errorf("subscribe: %w", err)
				}
				subs = append(subs, sub)
			}
			err := errors.Join(conn.Flush(), s.control.Publish("device-commands.a.ping", []byte(nonce)), s.control.Flush())
			s.settle(conn)
			for _, sub := range subs {
				err = errors.Join(err, sub.Unsubscribe())
			}
			return err
		}, effect: func(*scene, string) bool { return told.Load() > contract.DeviceSubscriptionLimit }},
	}
}
