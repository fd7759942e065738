// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package honest handles secrets and shows none.
package honest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"

	corev1 "k8s.io/api/core/v1"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/secret"
)

// Login has a secret beside what may be told.
type Login struct {
	User     string
	Password secret.Value
}

// Authorize reveals where the secret must be written.
func Authorize(request *http.Request, l Login) { request.SetBasicAuth(l.User, l.Password.Reveal()) }

// Told tells of a login what may be known: its user, that there is a password, its length and its type.
func Told(ctx context.Context, l Login) error {
	event.Emit(ctx, event.Fact{Text: fmt.Sprintf("%s has a password: %t", l.User, !l.Password.IsZero())})
	return diag.New(diag.Forbidden, l.User).Saw(fmt.Sprintf("a password of %d letters, a %T", len(l.Password.Reveal()), l.Password))
}

// Tag is a digest: what it was made of cannot be read from it.
func Tag(l Login) string {
	sum := sha256.Sum256([]byte(l.Password.Reveal()))
	return fmt.Sprintf("%x", sum[:8])
}

// Stored names the Secret that it has made.
func Stored(l Login) (*corev1.Secret, error) {
	s := &corev1.Secret{Data: map[string][]byte{"password": []byte(l.Password.Reveal())}}
	if s.GetName() == "" {
		return nil, diag.New(diag.ObjectRefused, "Secret/"+s.GetName())
	}
	return s, nil
}
