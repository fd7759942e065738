// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package barewait breaks the rule of that name.
package barewait

import (
	"context"
	"os"
	"time"
)

// Appears waits for a file.
func Appears(ctx context.Context, name string) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for { // want `barewait: a polling loop: it pauses on a clock, and ends by what it has seen`
		if _, err := os.Stat(name); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err() // want `barewait: an error that is a bare deadline`
		case <-ticker.C:
		}
	}
}

// Settle hopes that a second is enough.
func Settle() {
	time.Sleep(time.Second) // want `barewait: time.Sleep pauses whatever happens`
}
