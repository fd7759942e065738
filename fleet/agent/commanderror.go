// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"errors"
	"fmt"

	"nationtech.io/harmony/fleet/contract"
)

// CommandError is why a command was not carried out, as the caller is told.
type CommandError struct {
	Kind    contract.ErrorKind
	Code    contract.Code
	Message string
	Cause   error // for the log only; nil when the message says it all
}

func (e *CommandError) Error() string {
	return fmt.Sprintf("%s (%s): %s", e.Kind, e.Code, e.Message)
}

// Unwrap gives the cause.
func (e *CommandError) Unwrap() error { return e.Cause }

// CommandServerError is a failure of the agent to serve commands at all: no
// caller can be told, so it is logged and counted.
type CommandServerError struct {
	Doing string // "subscribing to …", "answering …"
	Cause error
}

func (e *CommandServerError) Error() string { return fmt.Sprintf("%s: %v", e.Doing, e.Cause) }

// Unwrap gives the cause.
func (e *CommandServerError) Unwrap() error { return e.Cause }

// told turns whatever a handler returned into what the caller is told.
func told(err error) *CommandError {
	var own *CommandError
	var refused *contract.Refusal
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &refused):
		return &CommandError{contract.KindRefused, refused.Code, refused.Detail, err}
	case errors.Is(err, errStopping):
		return &CommandError{contract.KindUnavailable, contract.CodeStopping, "the agent is being stopped", err}
	case errors.Is(err, context.DeadlineExceeded):
		return &CommandError{contract.KindFailed, contract.CodeDeadline, "it was not done before the deadline", err}
	default:
		return &CommandError{contract.KindInternal, contract.CodeInternal, err.Error(), err}
	}
}
