// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import "context"

// Remember keeps a value for the rest of the run that is under way: what a capability has looked up in the preflight
// and would look up again for the deploy a moment later. Keys are compared with ==. Where no run is under way
// nothing is kept.
func Remember(ctx context.Context, key, value any) {
	if h, ok := ctx.Value(holdsKey{}).(*holds); ok {
		h.memory.Store(key, value)
	}
}

// Recall gives what the run that is under way has kept under the key.
func Recall[T any](ctx context.Context, key any) (value T, found bool) {
	if h, ok := ctx.Value(holdsKey{}).(*holds); ok {
		if kept, known := h.memory.Load(key); known {
			value, found = kept.(T)
		}
	}
	return value, found
}
