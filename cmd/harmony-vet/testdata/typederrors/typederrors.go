// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package typederrors breaks the rule of that name.
package typederrors

import (
	"errors"
	"fmt"
)

// Port reads a port.
func Port(text string) (port int, err error) {
	if text == "" {
		return 0, errors.New("there is no port") // want `typederrors: errors.New makes an error without a type`
	}
	if _, err := fmt.Sscan(text, &port); err != nil {
		return 0, fmt.Errorf("%q is no number: %v", text, err) // want `typederrors: fmt.Errorf without a constant format that has %w`
	}
	return port, nil
}
