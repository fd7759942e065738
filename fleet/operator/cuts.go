// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"slices"
	"sync"
	"time"
)

const (
	// cutEvery is how often connections are looked for that must be closed, if there are any.
	cutEvery = 250 * time.Millisecond
	// cutAgain is how often one device is cut off at most.
	cutAgain = 10 * time.Second
	// denied is how long the callouts are given to hear that a device is revoked, which takes milliseconds: one that is cut off
	// before would come in once more.
	denied = 500 * time.Millisecond
	// cutMost is how many devices are cut off at a time; the others wait for the next one.
	cutMost = 4096
)

// revokedAgain is when a revoked device is cut off again after each time, although it is not heard: it may have come in by a
// callout that heard of it late, and listen only.
var revokedAgain = []time.Duration{2 * time.Second, 10 * time.Second, time.Minute}

// cuts are the devices whose connections must be closed, and when. It knows no more devices than are enrolled.
type cuts struct {
	mu  sync.Mutex
	all map[string]*cut
}

type cut struct {
	due     time.Time // zero when it is not to be cut off, for now
	last    time.Time // zero before the first time
	times   int
	revoked bool
	// closed is true once all its connections were closed after it was revoked.
	closed bool
}

func newCuts() *cuts { return &cuts{all: map[string]*cut{}} }

// revoke cuts off a device that is revoked.
func (c *cuts) revoke(device string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[device] = &cut{due: now.Add(denied), revoked: true}
}

// forget takes a device out, which is let in again, or enrolled no longer.
func (c *cuts) forget(device string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.all, device)
}

// heard cuts off a revoked device again that was heard after it was cut off: at most once a second.
func (c *cuts) heard(device string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one := c.all[device]; one != nil && !one.last.IsZero() {
		if at := one.last.Add(time.Second); one.due.IsZero() || one.due.After(at) {
			one.due = later(now, at)
		}
	}
}

// flood cuts off a device that floods.
func (c *cuts) flood(device string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.all[device]
	if one == nil {
		one = &cut{}
		c.all[device] = one
	}
	if one.due.IsZero() && !one.revoked && now.Sub(one.last) >= cutAgain {
		one.due = now
	}
}

// take gives the devices that are to be cut off now.
func (c *cuts) take(now time.Time) (devices []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for device, one := range c.all {
		switch {
		case len(devices) == cutMost:
			return devices
		case !one.due.IsZero() && !one.due.After(now):
			devices = append(devices, device)
		case one.due.IsZero() && !one.revoked && now.Sub(one.last) > cutAgain:
			delete(c.all, device) // it floods no more
		}
	}
	slices.Sort(devices)
	return devices
}

// done says that those devices were cut off, by a look that began then. One that failed is tried again.
func (c *cuts) done(devices []string, began time.Time, failed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, device := range devices {
		one := c.all[device]
		if one == nil || one.due.After(began) {
			continue // it was let in again meanwhile, or revoked anew
		}
		one.last, one.due = began, time.Time{}
		switch {
		case failed:
			one.due = began.Add(time.Second)
		case one.revoked:
			one.closed = true
			if one.times < len(revokedAgain) {
				one.due = began.Add(revokedAgain[one.times])
			}
			one.times++
		}
	}
}

// closed tells whether all connections of a device were closed after it was revoked.
func (c *cuts) closed(device string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.all[device]
	return one != nil && one.closed
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
