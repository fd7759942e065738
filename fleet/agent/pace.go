// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"math/rand/v2"
	"time"
)

const (
	firstPause = 100 * time.Millisecond
	maxPause   = 15 * time.Second
)

// pause is how long to wait before the next round of attempts to connect, after
// that many rounds. Pauses grow by a quarter each, so at any time the next one
// is about a quarter of what has been waited already: nobody is late by much
// more than the outage itself lasted, and a fleet comes back spread over that time.
func pause(rounds int) time.Duration {
	longest := float64(firstPause)
	for range min(rounds, 40) {
		longest *= 1.25
	}
	longest = min(longest, float64(maxPause))
	return time.Duration(longest/2 + rand.Float64()*longest/2)
}
