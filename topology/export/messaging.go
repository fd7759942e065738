// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/streams"
)

// servers are message servers that do not stand: what a deploy does at them is put off.
type servers struct{ draft *harmony.Draft }

func (s servers) later(what string, at messaging.Login) error {
	what += " at Service/" + at.Service.Name + " in the namespace " + at.Service.Namespace
	if s.draft == nil {
		return harmony.ErrAfterApply
	}
	return s.draft.Later(what)
}

// Ensure is put off.
func (s servers) Ensure(_ context.Context, at messaging.Login, wanted ...jetstream.StreamConfig) (harmony.Outcome, error) {
	var names []string
	for _, w := range wanted {
		names = append(names, w.Name)
	}
	return harmony.Outcome{}, s.later("the streams "+strings.Join(names, " and "), at)
}

// Verify is put off.
func (s servers) Verify(_ context.Context, at messaging.Login, _ ...jetstream.StreamConfig) ([]streams.Deviation, error) {
	return nil, s.later("how the streams are", at)
}

// Reload is put off, and nothing waits for it: servers that start read the configuration that they find.
func (s servers) Reload(_ context.Context, at messaging.Login, _ messaging.Configuration) error {
	_ = s.later("telling running servers to take over another configuration", at)
	return nil
}
