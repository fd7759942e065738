// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package secretprint breaks the rule of that name.
package secretprint

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// Login is how a user comes in.
type Login struct {
	User     string
	Password secret.Value
}

// Refused tells why a login was refused, and too much.
func Refused(log *slog.Logger, l Login) error {
	log.Info("refused", "login", l)                                   // want `secretprint: a value that is or has a secret.Value reaches slog.Info`
	return diag.New(diag.Forbidden).Saw("not " + l.Password.Reveal()) // want `secretprint: the revealed text of a secret reaches diag.Saw`
}

// Keep writes a login down.
func Keep(l Login) ([]byte, error) {
	text, err := json.Marshal(map[string]string{"password": l.Password.Reveal()}) // want `secretprint: the revealed text of a secret reaches json.Marshal`
	if err != nil {
		return nil, fmt.Errorf("keep the login of %s: %w", l.User, err)
	}
	return text, nil
}
