// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package streams

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Error says which stream could not be read or made, and why.
type Error struct {
	Doing  string // "reading", "making" or "changing"
	Stream string
	Cause  error
}

func (e *Error) Error() string { return fmt.Sprintf("%s stream %s: %v", e.Doing, e.Stream, e.Cause) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Ensure makes the streams that are missing and corrects those that differ. It returns what was not as
// wanted, and is now; nothing when all was right. It may be called again, and by several at once. Messages stay.
// What the server cannot change on an existing stream is an *Error whose cause is an *Unchangeable with all deviations.
func Ensure(ctx context.Context, js jetstream.StreamManager, wanted ...jetstream.StreamConfig) (corrected []Deviation, err error) {
	for _, want := range wanted {
		did, err := ensure(ctx, js, sealed(want))
		corrected = append(corrected, did...)
		if err != nil {
			return corrected, err
		}
	}
	return corrected, nil
}

func ensure(ctx context.Context, js jetstream.StreamManager, want jetstream.StreamConfig) ([]Deviation, error) {
	have, err := read(ctx, js, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		_, err = js.CreateStream(ctx, want)
		if err == nil {
			return []Deviation{{Stream: want.Name}}, nil
		}
		if !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			return nil, &Error{"making", want.Name, err}
		}
		have, err = read(ctx, js, want.Name) // someone else was quicker
	}
	if err != nil {
		return nil, &Error{"reading", want.Name, err}
	}
	deviations := compare(want, have)
	if len(deviations) == 0 {
		return nil, nil
	}
	if _, err := js.UpdateStream(ctx, want); err != nil {
		return nil, &Error{"changing", want.Name, &Unchangeable{deviations, err}}
	}
	return deviations, nil
}

func read(ctx context.Context, js jetstream.StreamManager, name string) (jetstream.StreamConfig, error) {
	s, err := js.Stream(ctx, name)
	if err != nil {
		return jetstream.StreamConfig{}, err
	}
	return s.CachedInfo().Config, nil
}
