// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package tricks breaks the rule in ways that are harder to see.
package tricks

import (
	. "errors"
	words "fmt"
)

var newError = New // want `errors.New is handed on`

var makers = map[string]func(string) error{"plain": New} // want `errors.New is handed on`

var late = func() error { return New("late") }() // want `errors.New makes`

// ErrGone is a sentinel, which is a type of its own to callers.
var ErrGone, errBoth = New("gone"), words.Errorf("gone by %d", 3)

type door struct{}

func (door) open(format string) (err error) {
	fail := words.Errorf                 // want `fmt.Errorf is handed on`
	defer func() { err = New("shut") }() // want `errors.New makes`
	if format == "" {
		return words.Errorf("100%%w") // want `fmt.Errorf without`
	}
	if format == "nil" {
		return words.Errorf("no cause: %w", nil) // want `fmt.Errorf without`
	}
	if format == "joined" {
		return Join(errBoth, (New)("more")) // want `errors.New makes`
	}
	if format == "wrapped" {
		return words.Errorf("open: %w", New("locked")) // want `errors.New makes`
	}
	_ = fail
	return words.Errorf(format+": %w", ErrGone) // want `fmt.Errorf without`
}

func generic[T any](v T) error {
	return words.Errorf("%+v is not wanted", v) // want `fmt.Errorf without`
}

var _, _, _, _, _ = newError, makers, late, door.open, generic[int]
