// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"time"
)

// MaxCommand is the largest command in bytes.
const MaxCommand = 64 << 10

// MaxWork is the longest that an agent works on one command, however far away the
// deadline seems: a device whose clock is behind must still answer.
const MaxWork = 10 * time.Minute

const maxCaller = 256

// A Command is the envelope of everything that a device is asked to do:
// {type, plane, device, request, deadline, caller, args}.
type Command struct {
	// Verb is what is asked. On the wire it is part of the type, "command/<verb>/1", so that
	// neither another verb's subject nor another kind of message gives a command another meaning.
	Verb    Verb
	Plane   PlaneID
	Device  DeviceID
	Request RequestID
	// Deadline is when the caller stops listening, in whole milliseconds UTC.
	Deadline time.Time
	// Caller is who asks, as the operator has authenticated them; at most 256 bytes.
	Caller string
	// Args is the verb's own part: a JSON object.
	Args json.RawMessage
}

type commandWire struct {
	Type     string          `json:"type"`
	Plane    PlaneID         `json:"plane"`
	Device   DeviceID        `json:"device"`
	Request  RequestID       `json:"request"`
	Deadline time.Time       `json:"deadline"`
	Caller   string          `json:"caller"`
	Args     json.RawMessage `json:"args"`
}

func commandType(verb Verb) string { return "command/" + string(verb) + "/1" }

// Encode gives the command as it goes over the wire. Its error is a *Refusal: what
// Encode gives, DecodeCommand accepts.
func (c Command) Encode() ([]byte, error) {
	if r := c.complete(); r != nil {
		return nil, r
	}
	return encode(commandWire{
		commandType(c.Verb), c.Plane, c.Device, c.Request, c.Deadline.UTC().Truncate(time.Millisecond), c.Caller, c.Args,
	}, MaxCommand)
}

// A Receiver is what an agent knows when it reads a command.
type Receiver struct {
	Device DeviceID
	// Plane is the control plane that it obeys; an agent that knows none yet (zero) accepts any.
	Plane PlaneID
	Now   time.Time
}

// DecodeCommand reads a command that came in on the subject of that verb. Its error is a *Refusal.
func DecodeCommand(data []byte, verb Verb, by Receiver) (Command, error) {
	var w commandWire
	if r := decode(data, MaxCommand, &w); r != nil {
		return Command{}, r
	}
	c := Command{verb, w.Plane, w.Device, w.Request, w.Deadline.UTC().Truncate(time.Millisecond), w.Caller, w.Args}
	r := c.complete()
	if r == nil {
		r = c.check(w.Type, by)
	}
	if r != nil {
		r.Request = w.Request
		return Command{}, r
	}
	return c, nil
}

func (c Command) complete() *Refusal {
	switch {
	case !c.Verb.valid():
		return refuse(CodeMalformed, "%.40q is no verb", string(c.Verb))
	case c.Plane.IsZero() || c.Device.IsZero() || c.Request.IsZero() || c.Deadline.IsZero():
		return refuse(CodeMalformed, "plane, device, request and deadline are required")
	case !isText(c.Caller, maxCaller):
		return refuse(CodeMalformed, "caller is required: 1 to %d bytes of UTF-8", maxCaller)
	case len(c.Args) == 0 || c.Args[0] != '{':
		return refuse(CodeMalformed, "args is required, an object")
	case !inCalendar(c.Deadline):
		return refuse(CodeMalformed, "deadline lies outside of the calendar")
	}
	return nil
}

func (c Command) check(typ string, by Receiver) *Refusal {
	switch {
	case typ != commandType(c.Verb):
		return refuse(CodeWrongType, "type %.60q came on the subject of %q", typ, commandType(c.Verb))
	case c.Device != by.Device:
		return refuse(CodeWrongDevice, "meant for device %q, this is %q", c.Device, by.Device)
	case !by.Plane.IsZero() && c.Plane != by.Plane:
		return refuse(CodeWrongPlane, "from control plane %s, this device obeys %s", c.Plane, by.Plane)
	case !c.Deadline.After(by.Now):
		return refuse(CodeExpired, "deadline %s has passed: it is %s here", stamp(c.Deadline), stamp(by.Now))
	}
	return nil
}

// inCalendar tells whether RFC 3339 can write t.
func inCalendar(t time.Time) bool { return t.UTC().Year() >= 1 && t.UTC().Year() <= 9999 }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
