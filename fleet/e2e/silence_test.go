// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"strings"
	"sync"
	"testing"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/event"
)

// A clock is an output that notes when it was written to.
type clock struct {
	mu    sync.Mutex
	lines []string
	at    []time.Time
}

func (c *clock) Write(text []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines, c.at = append(c.lines, strings.TrimSpace(string(text))), append(c.at, time.Now())
	return len(text), nil
}

// busy is how much later than promised a line may come on a machine on which tests run side by side.
const busy = 3 * time.Second

func TestADeployIsNeverSilentForLong(t *testing.T) {
	s := up(t)
	agent := harmony.Place(s.agent()).On(s.topology)
	if _, err := harmony.Remove(t.Context(), agent); err != nil {
		t.Fatal(err)
	}
	heard := &clock{}
	lines := &event.Plain{W: heard}
	stop := event.Beat(event.Silence/4, lines.Beat)
	last := time.Now()
	_, err := harmony.Run{Events: lines}.Deploy(t.Context(), s.placement())
	stop()
	if err != nil {
		t.Fatal(err)
	}
	heard.lines, heard.at = append(heard.lines, "the end"), append(heard.at, time.Now())
	for i, at := range heard.at {
		if gap := at.Sub(last); gap > event.Silence+busy {
			t.Errorf("%s of silence before %q", gap, heard.lines[i])
		}
		last = at
	}
	took := heard.between("agent-e2e-1 created Deployment", "agent-e2e-1 ✓ done")
	if all := strings.Join(heard.lines, "\n"); took > event.Silence && !strings.Contains(all, "waiting for Deployment/agent-e2e-1") {
		t.Errorf("the agent took %s, and nobody is told what is waited for:\n%s", took, all)
	}
}

// between is how long it took from the one line to the other.
func (c *clock) between(from, to string) time.Duration {
	at := map[bool]time.Time{}
	for i, line := range c.lines {
		if strings.Contains(line, from) || strings.Contains(line, to) {
			at[strings.Contains(line, from)] = c.at[i]
		}
	}
	return at[false].Sub(at[true])
}
