// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package clock

import (
	"crypto/tls"
	"runtime/debug"
	"sync"
	"time"
)

// set is by how much the time of the machine may differ from the time that has passed before it counts as set anew: by a
// person, by NTP, or by a machine that slept. What was said of the clock before is then no longer true.
const set = 2 * time.Second

// Machine is the clock of a machine.
type Machine struct {
	// Wall is what it shows; time.Now when nil.
	Wall func() time.Time
	// Passed is the time that has passed since some moment, whatever it shows; that of the monotonic clock when nil.
	Passed func() time.Duration
}

// Clock is the time of an agent. It is safe for concurrent use.
type Clock struct {
	machine Machine

	mu    sync.Mutex
	floor time.Time // it is later than this: proved, or the build of this program
	told  told
}

// told is what the provider said, and what the machine showed then.
type told struct {
	at, wall time.Time
	passed   time.Duration
}

// New makes a clock of this machine that shows no time before built, which may be zero.
func New(m Machine, built time.Time) *Clock {
	start := time.Now()
	if m.Wall == nil {
		m.Wall = time.Now
	}
	if m.Passed == nil {
		m.Passed = func() time.Duration { return time.Since(start) }
	}
	return &Clock{machine: m, floor: built}
}

// Built is when this program was built, as the Go toolchain noted it; zero where it did not.
func Built() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			at, _ := time.Parse(time.RFC3339, s.Value) // zero is no time, too
			return at
		}
	}
	return time.Time{}
}

// Now is what assertions are signed at, and deadlines are held against: what the provider said last and what has passed
// since; and before it said anything, or when the machine was set anew since, the latest of the machine's and Floor.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

// Sure is the time that certificates are held against: Now, and never before Floor, whatever the provider says.
func (c *Clock) Sure() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return latest(c.now(), c.floor)
}

// Floor is a time that has certainly passed: that of the build, or a later one that a provider proved. It outlives the
// process where it is kept.
func (c *Clock) Floor() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.floor
}

// Passed says that at has passed: it was kept.
func (c *Clock) Passed(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.floor = latest(c.floor, at)
}

// Told takes over the time that a provider gave in an answer which came just now. over is the connection's TLS. Without one
// anybody may have said it: it is good for assertions, about which the provider is the judge, and proves nothing. Nor does a
// time for which the provider's own certificate is not good: that is not taken over at all.
func (c *Clock) Told(at time.Time, over *tls.ConnectionState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if over != nil {
		if len(over.VerifiedChains) == 0 {
			return
		}
		if by := over.PeerCertificates[0]; at.Before(by.NotBefore) || at.After(by.NotAfter) {
			return
		}
		c.floor = latest(c.floor, at)
	}
	c.told = told{at, c.machine.Wall().Round(0), c.machine.Passed()}
}

func (c *Clock) now() time.Time {
	wall, passed := c.machine.Wall().Round(0), c.machine.Passed()-c.told.passed
	if c.told.at.IsZero() || (wall.Sub(c.told.wall)-passed).Abs() > set {
		return latest(wall, c.floor)
	}
	return c.told.at.Add(passed)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
