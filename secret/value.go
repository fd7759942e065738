// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Mask is what stands in place of a secret wherever a Value is printed.
const Mask = "[secret]"

// ErrNotEncoded is what every encoder gets from a Value. A mask would be worse
// than an error there: written to a file and read back it would pass for the secret.
var ErrNotEncoded = errors.New("a secret is not encoded; call Reveal where it must be written")

// Value is a secret text. The zero Value is the empty secret. Values are copied
// freely; they are compared with Equal, never with ==, which compares boxes.
type Value struct {
	// The text sits in a closure behind a pointer: fmt may not call methods on a
	// value in an unexported field and reads it by reflection, which finds a function here.
	box *box
}

type box struct{ text func() string }

// New puts text in a Value.
func New(text string) Value {
	if text == "" {
		return Value{}
	}
	return Value{&box{func() string { return text }}}
}

// Random makes a new credential with at least 128 bits of randomness, of
// letters and digits that are safe in URLs, files and command lines.
func Random() Value { return New(rand.Text()) }

// Reveal gives the secret text.
func (v Value) Reveal() string {
	if v.box == nil {
		return ""
	}
	return v.box.text()
}

// IsZero tells whether there is no secret.
func (v Value) IsZero() bool { return v.box == nil }

// Equal compares two secrets in a time that depends on neither text beyond its length.
func (v Value) Equal(other Value) bool {
	a, b := sha256.Sum256([]byte(v.Reveal())), sha256.Sum256([]byte(other.Reveal()))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// String gives the mask.
func (Value) String() string { return Mask }

// GoString gives the mask.
func (Value) GoString() string { return Mask }

// Format gives the mask for every verb and flag. A failed write is the caller's to see, as with any Formatter.
func (Value) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, Mask) }

// LogValue gives the mask.
func (Value) LogValue() slog.Value { return slog.StringValue(Mask) }

// MarshalText refuses with ErrNotEncoded.
func (Value) MarshalText() ([]byte, error) { return nil, ErrNotEncoded }

// MarshalJSON refuses with ErrNotEncoded.
func (Value) MarshalJSON() ([]byte, error) { return nil, ErrNotEncoded }

// UnmarshalText takes the text from a configuration file.
func (v *Value) UnmarshalText(text []byte) error {
	*v = New(string(text))
	return nil
}
