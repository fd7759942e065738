// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
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

const (
	// tokensLive is how long after its keys were taken from a device a token may be good that was given for one of them: ten minutes
	// for those of Harmony's issuer, and half a minute that clocks may differ.
	tokensLive = 11 * time.Minute
	// usersLive is how long a connection may stand that a callout has let in.
	usersLive = 32 * time.Hour
)

// again is when a device that was revoked, or deleted, is cut off again after each time, although it is not heard: it may have come
// in by a callout that heard of it late, and listen only.
var again = []time.Duration{2 * time.Second, 10 * time.Second, time.Minute}

// A reason is why a device is cut off.
type reason string

const (
	isRevoked reason = "revoked"
	isDeleted reason = "deleted"
	isRekeyed reason = "its keys were taken"
	isNoisy   reason = "flooding"
)

// cuts are the devices whose connections must be closed, and when. It knows no more devices than are enrolled, and those that were
// deleted just now.
type cuts struct {
	mu  sync.Mutex
	all map[string]*cut
}

type cut struct {
	why   reason
	due   time.Time // zero when it is not to be cut off, for now
	last  time.Time // zero before the first time
	once  time.Time // when it is to be cut off once more, whatever happens until then; zero for never
	times int
	// closed is true once all its connections were closed after it was revoked, or deleted.
	closed bool
}

func newCuts() *cuts { return &cuts{all: map[string]*cut{}} }

// of gives a device, which is made.
func (c *cuts) of(device string) *cut {
	if c.all[device] == nil {
		c.all[device] = &cut{}
	}
	return c.all[device]
}

// revoke cuts off a device that is revoked.
func (c *cuts) revoke(device string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[device] = &cut{why: isRevoked, due: now.Add(denied), once: c.of(device).once}
}

// allow lets a device stay that is revoked no longer.
func (c *cuts) allow(device string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[device] = &cut{once: c.of(device).once}
}

// drop cuts off a device that was deleted.
func (c *cuts) drop(device string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[device] = &cut{why: isDeleted, due: now.Add(denied)}
}

// enrolled says that there is such a device. If it was deleted before, what has come since then stays.
func (c *cuts) enrolled(device string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one := c.all[device]; one != nil && one.why == isDeleted {
		one.times = len(again)
		if one.closed {
			one.due = time.Time{}
		}
	}
}

// rekey cuts off a device whose keys were taken, and once more when no token is good any more that was given for them.
func (c *cuts) rekey(device string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.of(device)
	one.once = now.Add(tokensLive)
	if one.why != isRevoked {
		one.why, one.due = isRekeyed, now.Add(denied)
	}
}

// forget takes a device out.
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
	one := c.of(device)
	if one.due.IsZero() && one.why != isRevoked && now.Sub(one.last) >= cutAgain {
		one.why, one.due = isNoisy, now
	}
}

// take gives the devices that are to be cut off now, and why.
func (c *cuts) take(now time.Time) map[string]reason {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := map[string]reason{}
	for device, one := range c.all {
		if len(taken) == cutMost {
			break
		}
		if !one.once.IsZero() && !one.once.After(now) {
			one.due, one.once = now, time.Time{}
			if one.why != isRevoked {
				one.why = isRekeyed
			}
		}
		switch {
		case !one.due.IsZero() && !one.due.After(now):
			taken[device] = one.why
		case one.due.IsZero() && one.once.IsZero() && one.why != isRevoked && now.Sub(one.last) > cutAgain:
			delete(c.all, device) // it floods no more, or there is nothing left to be done
		}
	}
	return taken
}

// done says that those devices were cut off, by a look that began then. One that failed is tried again.
func (c *cuts) done(devices map[string]reason, began time.Time, failed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for device := range devices {
		one := c.all[device]
		if one == nil || one.due.IsZero() || one.due.After(began) {
			continue // it was let in again meanwhile, or is to be cut off anew
		}
		one.last, one.due = began, time.Time{}
		switch {
		case failed:
			one.due = began.Add(time.Second)
		case one.why == isRevoked || one.why == isDeleted:
			one.closed = true
			if one.times < len(again) {
				one.due = began.Add(again[one.times])
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
