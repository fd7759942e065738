// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"strings"
	"time"

	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/contract"
)

// Subjects are what a device listens on: all that it may.
func (d *Device) Subjects() []string { return contract.DeviceRights(d.id).Subscribe }

// Hear takes what came for the device on that subject.
func (d *Device) Hear(subject string, data []byte) {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away || d.script.hostile() {
		return
	}
	if verb, ok := contract.VerbOf(d.id, subject); ok {
		d.obey(verb, data, now)
		return
	}
	answer, _ := strings.CutPrefix(subject, "fleet.answer."+d.id.String()+".")
	if text, ok := strings.CutPrefix(answer, "body."); ok {
		d.content(text, data, now)
		return
	}
	d.take(data, now)
}

// take accepts a manifest, or not, as an agent does.
func (d *Device) take(data []byte, now time.Time) {
	m, digest, err := contract.DecodeManifest(data, d.id)
	if err != nil {
		d.books.count(func(c *Counts) { c.Malformed++ })
		return
	}
	next, verdict := d.held.Accept(m, digest, contract.PlaneID{}, now)
	d.books.count(func(c *Counts) {
		switch verdict {
		case decide.Accepted:
			c.Accepted++
		case decide.Same:
			c.Same++
		case decide.Stale:
			c.Stale++
		case decide.UnknownPlane:
			c.Foreign++
		}
		for uid, r := range next.Records {
			if r.Ahead && !d.held.Records[uid].Ahead {
				c.Backwards++
			}
		}
	})
	if verdict != decide.Accepted {
		return
	}
	d.held, d.news = next, true
	d.settle(now)
	d.report(false)
}

// content takes what came under that digest. Other bytes than it names are not taken.
func (d *Device) content(text string, data []byte, now time.Time) {
	digest, err := contract.ParseDigest(text)
	if err != nil || contract.DigestOf(data) != digest {
		d.books.count(func(c *Counts) { c.Wrong++ })
		return
	}
	d.books.content(digest, data)
	wanted := false
	for uid, r := range d.held.Records {
		if w := d.works[uid]; r.Digest == digest && r.Want == contract.Present && w.got != digest {
			w.got, w.gotAt = digest, now
			d.works[uid], wanted = w, true
		}
	}
	if !wanted {
		d.early.Keep(digest, data)
		return
	}
	d.settle(now)
	d.report(false)
}

// obey answers a command.
func (d *Device) obey(verb contract.Verb, data []byte, now time.Time) {
	c, err := contract.DecodeCommand(data, verb, contract.Receiver{Device: d.id, Plane: d.held.Plane, Now: now})
	if err != nil {
		d.books.count(func(c *Counts) { c.Malformed++ })
		return
	}
	d.books.count(func(c *Counts) { c.Commands++ })
	reply, err := d.reply(c)
	if err == nil {
		d.say(contract.ReplySubject(d.id, c.Request), reply)
	}
	if verb == contract.VerbResync {
		d.info()
		d.report(true)
	}
}

func (d *Device) reply(c contract.Command) ([]byte, error) {
	switch c.Verb {
	case contract.VerbPing:
		args, err := contract.DecodePingArgs(c.Args)
		if err != nil {
			return nil, err
		}
		return contract.PingReply{
			Device: d.id, Request: c.Request, Nonce: args.Nonce, AgentVersion: d.config.Version, Instance: d.instance, StartedAt: d.start,
		}.Encode()
	case contract.VerbResync:
		return contract.DoneReply{Device: d.id, Request: c.Request}.Encode()
	default:
		return contract.ErrorReply{
			Device: d.id, Request: c.Request, Kind: contract.KindRefused, Code: contract.CodeUnknownVerb, Message: "a simulated device does not do this",
		}.Encode()
	}
}
