// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"sync"
	"time"
)

const (
	// floodsAbove is how many messages of a device are looked at in a second; what is above is dropped unread.
	floodsAbove = 20
	// lastingAbove is how many messages a device may send in lastingFor before it is cut off: 10 a second on the average. One
	// that comes back sends less, however much it has to fetch.
	lastingAbove = 100
	lastingFor   = 10 * time.Second
	// spareMost is how many devices are asked in a second for what nobody waits for: when another leads, all of them are.
	spareMost = 200
)

// paced holds back what concerns one device too often.
type paced struct {
	mu                    sync.Mutex
	asked                 map[string]time.Time
	second, longer, spent tally // of spent there is one count
}

// tally counts messages by device, in the time that began at since.
type tally struct {
	since time.Time
	count map[string]int
}

func newPaced() *paced {
	count := func() tally { return tally{count: map[string]int{}} }
	return &paced{asked: map[string]time.Time{}, second: count(), longer: count(), spent: count()}
}

// add counts a message, and gives how many there are of the device in a time of that length.
func (t *tally) add(device string, now time.Time, length time.Duration) int {
	if now.Sub(t.since) >= length {
		t.since = now
		clear(t.count)
	}
	t.count[device]++
	return t.count[device]
}

// may tells whether a device may be asked again.
func (p *paced) may(device string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.asked[device]) < askEvery {
		return false
	}
	p.asked[device] = now
	return true
}

// spare tells whether another device may be asked in this second for what nobody waits for.
func (p *paced) spare(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.spent.add("", now, time.Second) <= spareMost
}

// floods counts a message of a device. It tells whether the device has sent too many in this second, and whether that lasts.
func (p *paced) floods(device string, now time.Time) (much, lasting bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	much = p.second.add(device, now, time.Second) > floodsAbove
	return much, p.longer.add(device, now, lastingFor) > lastingAbove
}
