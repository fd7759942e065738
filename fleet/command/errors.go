// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"fmt"

	"nationtech.io/harmony/fleet/contract"
)

// Kind sorts why a command got no good answer.
type Kind string

// The kinds.
const (
	// DeviceOffline: the server knows of no one who listens to that device's commands. It is known at once.
	DeviceOffline Kind = "device offline"
	// Timeout: someone listens to the device's commands and no answer came in time, or the caller gave up.
	Timeout Kind = "timeout"
	// Denied: the server does not let this user ask, or the device's own policy forbids it.
	Denied Kind = "denied"
	// BadReply: an answer came that breaks the contract.
	BadReply Kind = "bad reply"
	// AgentError: the device answered that it did not do it; errors.As gives the *contract.ErrorReply.
	AgentError Kind = "agent error"
	// Transport: the connection to NATS is broken, or the command could not be sent.
	Transport Kind = "transport"
)

// Error says why a command got no good answer.
type Error struct {
	Kind   Kind
	Device contract.DeviceID
	Verb   contract.Verb
	Detail string
	Cause  error // the underlying error, if there is one
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s %s: %s: %s", e.Verb, e.Device, e.Kind, e.Detail)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }
