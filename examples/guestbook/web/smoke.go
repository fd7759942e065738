// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"

	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// SmokeTest reads the guestbook as a visitor does. Right after a deploy the database may still be on its way.
func (s Score) SmokeTest(ctx context.Context, on Place) error {
	visit, entries := s.Ref().Visit(on.Kubernetes()), 0
	err := wait.Until(ctx, "the guestbook to be read", wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		all, err := visit.Read(ctx)
		if err != nil {
			return err.Error(), false, nil
		}
		entries = len(all)
		return "", true, nil
	})
	if err != nil {
		return err
	}
	event.Emit(ctx, event.Fact{Text: fmt.Sprintf("its %d entries can be read", entries)})
	return nil
}
