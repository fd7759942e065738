// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"sync"
	"time"
)

// floodsAbove is how many messages of a device are looked at in a second; what is above is dropped unread.
const floodsAbove = 20

// paced holds back what concerns one device too often.
type paced struct {
	mu    sync.Mutex
	asked map[string]time.Time
	since time.Time
	count map[string]int // in the second that began at since
}

func newPaced() *paced { return &paced{asked: map[string]time.Time{}, count: map[string]int{}} }

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

// floods counts a message of a device, and tells whether it sends too many.
func (p *paced) floods(device string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.since) >= time.Second {
		p.since = now
		clear(p.count)
	}
	p.count[device]++
	return p.count[device] > floodsAbove
}
