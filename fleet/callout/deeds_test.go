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
	for _, some := range [][]deed{publishing(), asking(), replying(), subscribing(), headers(), limits(), kicking()} {
		slices.SortFunc(some, func(a, b deed) int { return strings.Compare(a.name, b.name) })
		all = append(all, some...)
	}
	return all
}

// publishing: what another says, or the control plane does.
func publishing() (all []deed) {
	says := func(by func(*scene) *nats.Conn, subject string) {
		all = append(all, deed{"publish " + subject, by, func(_ *scene, conn *nats.Conn, nonce string) error {
			return conn.Publish(subject, []byte(nonce))
		}, func(s *scene, nonce string) bool { return s.heard(subject, nonce) }})
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
		all = append(all, deed{"write " + key, byControl, func(_ *scene, conn *nats.Conn, nonce string) error {
			return conn.Publish(key, []byte(nonce))
		}, func(s *scene, nonce string) bool { return s.stored(key, nonce) }})
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
		all = append(all, deed{"ask " + subject, by, func(_ *scene, conn *nats.Conn, nonce string) error {
			return conn.PublishRequest(subject, "answers."+nonce, []byte(body))
		}, func(s *scene, nonce string) bool { return s.answered(nonce) }})
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

// replying: an allowed subject with a reply subject to which the device may not publish. An answer there is the deed.
func replying() (all []deed) {
	targets := map[string]func(*scene) *nats.Conn{
		"$KV.desired-state.b": byControl, "$KV.releases." + digest: byControl, "fleet.desired.b": byAdmin, "fleet.state.b": byB, "fleet.answer.b.manifest": byControl,
		"device-commands.b.exec": byControl, "fleet.reply.b.r1": byB, "$JS.API.STREAM.DELETE.KV_desired-state": byAdmin, "$JS.API.STREAM.PURGE.KV_desired-state": byControl,
	}
	for target, by := range targets {
		for _, through := range []string{"fleet.state.a", "fleet.fetch.a.manifest", "fleet.reply.a.r1"} {
			all = append(all, deed{"reach " + target + " as the reply subject of " + through, by, func(s *scene, conn *nats.Conn, nonce string) error {
				return reach(s, conn, through, target, nonce, 1)
			}, func(s *scene, _ string) bool { return s.reached(target) }})
		}
		all = append(all, deed{"reach " + target + " under a flood of questions", by, func(s *scene, conn *nats.Conn, nonce string) error {
			return reach(s, conn, "fleet.fetch.a.manifest", target, nonce, 1000)
		}, func(s *scene, _ string) bool { return s.reached(target) }})
	}
	return all
}

// reach is what a device tries, and what the rightful user does openly.
func reach(s *scene, conn *nats.Conn, through, target, nonce string, times int) error {
	if conn != s.a {
		return conn.Publish(target, nil)
	}
	for range times {
		if err := conn.PublishRequest(through, target, []byte(nonce)); err != nil {
			return err
		}
	}
	return nil
}

func (s *scene) reached(target string) bool { return s.heard(target, "") }

// subscribing: what others hear. It came about when a message that is meant for them was heard.
func subscribing() (all []deed) {
	for subject, by := range map[string]func(*scene) *nats.Conn{
		"fleet.desired.b": byB, "fleet.answer.b.>": byB, "device-commands.b.*": byB,
		"fleet.state.*": byControl, "fleet.info.*": byControl, "fleet.heartbeat.*": byControl, "fleet.fetch.*.>": byControl, "fleet.reply.*.>": byControl,
		"fleet.desired.*": byAdmin, "fleet.answer.>": byAdmin, "device-commands.>": byAdmin, "device-commands.*.*": byAdmin, ">": byAdmin, "fleet.>": byAdmin,
		"fleet.state.b": byAdmin, "fleet.*.b": byAdmin, "_INBOX.>": byAdmin, "$KV.>": byAdmin, "$JS.>": byAdmin, "*.b.*": byAdmin, "fleet.reply.b.>": byAdmin,
	} {
		all = append(all, listening("subscribe to "+subject, subject, "", by))
	}
	return append(all, listening("share b's commands in a queue", "device-commands.b.*", "q", byB))
}

func listening(name, subject, queue string, by func(*scene) *nats.Conn) deed {
	var heard atomic.Bool
	return deed{name, by, func(s *scene, conn *nats.Conn, nonce string) error {
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
		return errors.Join(conn.Flush(), s.say(subject, nonce))
	}, func(*scene, string) bool { return heard.Load() }}
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

// headers: what a header asks of a stream. A device tries it on all its subjects, and on the stream's.
func headers() (all []deed) {
	for _, header := range []string{
		"Nats-Rollup: all", "Nats-Rollup: sub", "Nats-Msg-Id: m", "Nats-Expected-Stream: lab", "Nats-TTL: 60s", "Nats-Expected-Last-Msg-Id: ", "KV-Operation: PURGE",
	} {
		name, value, _ := strings.Cut(header, ": ")
		all = append(all, deed{"send the header " + header, byAdmin, func(s *scene, conn *nats.Conn, nonce string) error {
			h := nats.Header{name: {value + unique(name, nonce)}}
			var tried error
			if conn == s.a {
				for _, subject := range own("a") {
					tried = errors.Join(tried, conn.PublishMsg(&nats.Msg{Subject: subject, Reply: "lab.reply", Header: h, Data: []byte(nonce)}))
				}
			}
			return errors.Join(tried, conn.PublishMsg(&nats.Msg{Subject: "lab.x", Header: h, Data: []byte(nonce)}))
		}, func(s *scene, nonce string) bool { return s.inLab(nonce) }})
	}
	for _, to := range []string{"device-commands.b.exec", "fleet.desired.b", "$KV.desired-state.b"} {
		all = append(all, deed{"have a trace sent to " + to, byAdmin, func(s *scene, conn *nats.Conn, nonce string) error {
			h := nats.Header{"Nats-Trace-Dest": {to}}
			subjects := []string{"elsewhere"}
			if conn == s.a {
				subjects = own("a")
			}
			var tried error
			for _, subject := range subjects {
				tried = errors.Join(tried, conn.PublishMsg(&nats.Msg{Subject: subject, Header: h, Data: []byte(nonce)}))
			}
			return tried
		}, func(s *scene, _ string) bool { return s.heard(to, "server") }})
	}
	return all
}

// unique makes the id of a message one that was not used before.
func unique(header, nonce string) string {
	if header == "Nats-Msg-Id" {
		return nonce
	}
	return ""
}

func (s *scene) inLab(nonce string) bool {
	lab, err := s.js.Stream(s.t.Context(), "lab")
	if err != nil {
		return false
	}
	for _, subject := range []string{"lab.x", "lab.reply"} {
		if last, err := lab.GetLastMsgForSubject(s.t.Context(), subject); err == nil && string(last.Data) == nonce {
			return true
		}
	}
	return false
}

// limits: what costs others.
func limits() []deed {
	large := strings.Repeat("x", contract.DevicePayloadLimit)
	var told atomic.Int32
	return []deed{
		{"send more than its account allows", byAdmin, func(s *scene, conn *nats.Conn, nonce string) error {
			subject := "fleet.state.a"
			if conn != s.a {
				subject = "elsewhere"
			}
			return conn.Publish(subject, []byte(nonce+large))
		}, func(s *scene, nonce string) bool {
			return s.heard("fleet.state.a", nonce) || s.heard("elsewhere", nonce)
		}},
		{"hold more subscriptions than its account allows", byAdmin, func(s *scene, conn *nats.Conn, nonce string) error {
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
		}, func(*scene, string) bool { return told.Load() > contract.DeviceSubscriptionLimit }},
	}
}
