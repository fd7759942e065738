// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"fmt"
	"slices"
)

// MaxReply is the largest reply in bytes.
const MaxReply = DevicePayloadLimit

const (
	errorReplyType = "reply/error/1"
	maxMessage     = 1024
)

// Asked is what the asking side knows about the reply that it waits for.
type Asked struct {
	Device  DeviceID
	Request RequestID
}

// ErrorKind sorts what can go wrong on a device by what the caller can do about it.
type ErrorKind string

// The kinds of error; there are no others.
const (
	KindRefused     ErrorKind = "refused"     // the command is not acceptable as it is: send a better one
	KindDenied      ErrorKind = "denied"      // the device's own policy forbids it: ask whoever owns the device
	KindUnavailable ErrorKind = "unavailable" // not now: try again later
	KindFailed      ErrorKind = "failed"      // it was tried and did not succeed: the message says why
	KindInternal    ErrorKind = "internal"    // the agent is at fault: report it
)

func (k ErrorKind) valid() bool {
	return slices.Contains([]ErrorKind{KindRefused, KindDenied, KindUnavailable, KindFailed, KindInternal}, k)
}

// ErrorReply is a device's answer to a command that it did not carry out.
type ErrorReply struct {
	Device  DeviceID
	Request RequestID
	Kind    ErrorKind
	Code    Code   // 1 to 40 of a-z, 0-9 and '-'; newer agents may use codes that are not listed here
	Message string // for a person, on one line; cut after 1024 bytes
}

func (e *ErrorReply) Error() string {
	return fmt.Sprintf("device %s answers %s (%s): %s", e.Device, e.Kind, e.Code, e.Message)
}

type errorReplyWire struct {
	Type    string    `json:"type"`
	Device  DeviceID  `json:"device"`
	Request RequestID `json:"request"`
	Kind    ErrorKind `json:"kind"`
	Code    Code      `json:"code"`
	Message string    `json:"message"`
}

// Encode gives the reply as it goes over the wire. Its error is a *Refusal.
func (e ErrorReply) Encode() ([]byte, error) {
	e.Message = note(e.Message, maxMessage)
	if r := e.complete(); r != nil {
		return nil, r
	}
	return encode(errorReplyWire{errorReplyType, e.Device, e.Request, e.Kind, e.Code, e.Message}, MaxReply)
}

func (e ErrorReply) complete() *Refusal {
	if e.Device.IsZero() || e.Request.IsZero() || !e.Kind.valid() || !e.Code.valid() || !isText(e.Message, maxMessage) {
		return refuse(CodeMalformed, "an error reply has device, request, a known kind, a code and a message of 1 to %d bytes", maxMessage)
	}
	return nil
}

// decodeReply reads a reply of the wanted type. It returns an *ErrorReply when
// that is what came, and a *Refusal for everything else.
func decodeReply(data []byte, want string, to Asked, into any) error {
	if r := inspect(data, MaxReply, isField); r != nil {
		return r
	}
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return malformed(err)
	}
	switch head.Type {
	case want:
		if r := decode(data, MaxReply, into); r != nil {
			return r
		}
		return nil
	case errorReplyType:
		return decodeErrorReply(data, to)
	}
	return refuse(CodeWrongType, "type %.60q is not an answer to this request", head.Type)
}

func decodeErrorReply(data []byte, to Asked) error {
	var w errorReplyWire
	if r := decode(data, MaxReply, &w); r != nil {
		return r
	}
	e := ErrorReply{w.Device, w.Request, w.Kind, w.Code, w.Message}
	if r := e.complete(); r != nil {
		return r
	}
	if r := to.check(e.Device, e.Request); r != nil {
		return r
	}
	e.Message = note(e.Message, maxMessage)
	return &e
}

func (a Asked) check(device DeviceID, request RequestID) *Refusal {
	if device != a.Device {
		return refuse(CodeWrongDevice, "device %q answers, %q was asked", device, a.Device)
	}
	if request != a.Request {
		return refuse(CodeWrongReply, "answers request %s, this is %s", request, a.Request)
	}
	return nil
}
