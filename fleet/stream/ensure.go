// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Error says which bucket could not be read or made, and why.
type Error struct {
	Doing  string // "reading", "making" or "changing"
	Stream string
	Cause  error
}

func (e *Error) Error() string { return fmt.Sprintf("%s stream %s: %v", e.Doing, e.Stream, e.Cause) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Ensure makes the buckets that are missing and corrects those that differ from
// the layout. It returns what it changed, as "made KV_releases" or "KV_releases: replicas 1 -> 3";
// nothing when all was right. It may be called again, and by several at once. Values stay.
// What the server cannot change on an existing stream is an *Error with all deviations; since
// the buckets are caches, deleting the stream and calling again heals it.
func Ensure(ctx context.Context, js jetstream.StreamManager, layout Layout) (changed []string, err error) {
	for _, want := range layout.buckets() {
		did, err := ensure(ctx, js, want)
		changed = append(changed, did...)
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

func ensure(ctx context.Context, js jetstream.StreamManager, want jetstream.StreamConfig) ([]string, error) {
	have, err := read(ctx, js, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		_, err = js.CreateStream(ctx, want)
		if err == nil {
			return []string{"made " + want.Name}, nil
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
	changed := make([]string, len(deviations))
	for i, d := range deviations {
		changed[i] = d.String()
	}
	return changed, nil
}

func read(ctx context.Context, js jetstream.StreamManager, name string) (jetstream.StreamConfig, error) {
	s, err := js.Stream(ctx, name)
	if err != nil {
		return jetstream.StreamConfig{}, err
	}
	return s.CachedInfo().Config, nil
}
