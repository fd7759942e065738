// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package fault has the one error type that leaves localkube: callers get its
// kind as exit code and JSON.
package fault

import (
	"fmt"
	"strings"
)

// Kind groups failures by what a caller can do about them.
type Kind string

const (
	// Usage means that the command line makes no sense.
	Usage Kind = "usage"
	// Prerequisite means that the machine lacks something.
	Prerequisite Kind = "prerequisite"
	// Build means that a program could not be built from its sources.
	Build Kind = "build"
	// Start means that the cluster did not become ready.
	Start Kind = "start"
	// Absent means that there is no such cluster or node, or it does not run.
	Absent Kind = "absent"
	// Failed means anything else.
	Failed Kind = "failed"
)

// Missing is one thing that the machine lacks.
type Missing struct {
	What string `json:"what"`
	Why  string `json:"why"`
	Help string `json:"help"`
}

// Error is a failure with what a person needs to go on.
type Error struct {
	Kind    Kind
	Message string
	Missing []Missing // with Prerequisite: everything, not the first only
	Log     []string  // last lines of the component that failed
	Err     error     // the cause, if there is one
}

// New makes an Error of a kind from a format.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an Error of a kind that says what was being done when cause came.
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Err: cause}
}

// Error gives the message, the cause and what is missing on one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	for i, m := range e.Missing {
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		b.WriteString(sep + m.What + " (" + m.Why + ")")
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ExitCode is the exit code of a program that ends with this error.
func (e *Error) ExitCode() int {
	switch e.Kind {
	case Usage:
		return 2
	case Prerequisite:
		return 3
	default:
		return 1
	}
}
