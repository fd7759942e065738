// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"log/slog"
	"sync"
	"time"
)

// maxLines is how many lines the audit has in a second; what goes beyond is counted in the next one.
const maxLines = 200

// audit writes what was decided about whom. Under a flood it says how much it leaves out: a disk that is full of refusals
// is what an attacker would like.
type audit struct {
	log     *slog.Logger
	mu      sync.Mutex
	second  int64
	lines   int
	omitted int
}

func (a *audit) note(what string, args ...any) {
	if omitted, ok := a.may(time.Now().Unix()); ok {
		if omitted > 0 {
			a.log.Warn("audit", "what", "omitted", "lines", omitted)
		}
		a.log.Info("audit", append([]any{"what", what}, args...)...)
	}
}

// may tells whether a line may be written in that second, and how many were left out before it.
func (a *audit) may(second int64) (omitted int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if second != a.second {
		omitted, a.omitted = a.omitted, 0
		a.second, a.lines = second, 0
	}
	if a.lines++; a.lines <= maxLines {
		return omitted, true
	}
	a.omitted++
	return 0, false
}
