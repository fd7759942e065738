// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"sync"
	"time"
)

// Silence is how long a run that is under way may say nothing to people.
const Silence = 2 * time.Second

// Beat calls then once each time every has passed, until stop is called, which waits for the last call to end.
func Beat(every time.Duration, then func(now time.Time)) (stop func()) {
	ended := make(chan struct{})
	var beating sync.WaitGroup
	beating.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case now := <-ticker.C:
				then(now)
			case <-ended:
				return
			}
		}
	})
	return func() { close(ended); beating.Wait() }
}

// Beat breaks a silence: when nothing was written for a while, it says of each placement what it is at, and for how long.
// Call it a few times within Silence.
func (p *Plain) Beat(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.wrote) < Silence*3/4 {
		return
	}
	for _, row := range p.board.UnderWay() {
		step := row.Steps[len(row.Steps)-1]
		since, text := step.Since, "still at "+step.Step
		if doing := row.Doing.String(); doing != "" {
			since, text = row.Doing.Since, "still "+doing
			if row.Doing.For != "" {
				text = "still waiting for " + doing
			}
		}
		p.write(row.Path, fmt.Sprintf("%s, for %s", text, Human(now.Sub(since).Truncate(100*time.Millisecond))), now)
	}
}
