// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package honest has nothing that the rule forbids.
package honest

import (
	"errors"
	"fmt"
	"os"
)

// ErrNoKey is a sentinel.
var ErrNoKey = errors.New("there is no key")

var (
	errLate = fmt.Errorf("late by %d minutes", 5)
	known   = map[string]error{"moved": errors.New("moved away")}
)

// PortError is a port that is none.
type PortError struct{ Text string }

func (e *PortError) Error() string { return fmt.Sprintf("%q is no port", e.Text) }

const opening = "open %s: "

func open(name string) (*os.File, error) {
	file, err := os.Open(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, ErrNoKey
	case name == "moved":
		return nil, errors.Join(known[name], errLate)
	case name == "":
		return nil, &PortError{name}
	case err != nil:
		return nil, fmt.Errorf(opening+"%+w", name, err)
	}
	if _, err := file.Stat(); err != nil {
		return nil, fmt.Errorf("%[2]s: %[1]w", err, name)
	}
	return file, nil
}

var _ = open
