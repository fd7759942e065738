// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"nationtech.io/harmony/fleet/contract"
)

// Books are what devices count together. They are told by the devices alone.
type Books struct {
	mu       sync.Mutex
	counts   Counts
	running  map[contract.WorkloadUID]map[contract.Digest]int
	gone     map[contract.WorkloadUID]int
	contents map[contract.Digest][]byte
	waiting  []*waiter
}

// Counts are of messages, of all devices together.
type Counts struct {
	// Accepted manifests were obeyed; Same ones were accepted already; Stale ones are not above what the device holds, as when
	// two that overtook each other come; Foreign ones are of another control plane.
	Accepted, Same, Stale, Foreign int
	// Backwards counts workloads that a device was told to bring back to an earlier generation. It did not.
	Backwards int
	// Malformed are manifests and commands that were refused as they are.
	Malformed int
	// Asked are contents that were asked for. Bodies are those that came and were what their digest names, and Wrong those that were
	// not.
	Asked, Bodies, Wrong int
	// Commands are those that were answered.
	Commands int
	// Denied are messages that the server refused to take from a device.
	Denied int
	// Unsent messages did not even leave the device, and Missed ones came faster than the simulator took them.
	Unsent, Missed int
}

type waiter struct {
	uid     contract.WorkloadUID
	digest  contract.Digest
	devices int
	reached chan time.Time
}

// NewBooks gives empty books.
func NewBooks() *Books {
	return &Books{
		running: map[contract.WorkloadUID]map[contract.Digest]int{}, gone: map[contract.WorkloadUID]int{},
		contents: map[contract.Digest][]byte{},
	}
}

// Counts gives what was counted until now.
func (b *Books) Counts() Counts {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counts
}

// Running tells on how many devices that release of a workload runs.
func (b *Books) Running(uid contract.WorkloadUID, digest contract.Digest) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.running[uid][digest]
}

// Removed tells how many devices were told to remove a workload. Those of one that nobody deleted were told wrongly.
func (b *Books) Removed(uid contract.WorkloadUID) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.gone[uid]
}

// Content gives the content of that digest, if a device has fetched it.
func (b *Books) Content(digest contract.Digest) (body []byte, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, ok = b.contents[digest]
	return body, ok
}

// Await waits until that release of a workload runs on so many devices, and gives the moment in which it did. Its error says
// on how many it runs when the context ends.
func (b *Books) Await(ctx context.Context, uid contract.WorkloadUID, digest contract.Digest, devices int) (time.Time, error) {
	w := &waiter{uid, digest, devices, make(chan time.Time, 1)}
	b.mu.Lock()
	b.waiting = append(b.waiting, w)
	b.reach(uid, time.Now())
	b.mu.Unlock()
	select {
	case at := <-w.reached:
		return at, nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = slices.DeleteFunc(b.waiting, func(other *waiter) bool { return other == w })
	return time.Time{}, fmt.Errorf("%.12s of %s runs on %d of %d devices: %w", digest, uid, b.running[uid][digest], devices, context.Cause(ctx))
}

func (b *Books) count(change func(*Counts)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.counts)
}

// runs notes that a device runs another release of a workload than before; zero is none.
func (b *Books) runs(uid contract.WorkloadUID, before, now contract.Digest, at time.Time) {
	if before == now {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running[uid] == nil {
		b.running[uid] = map[contract.Digest]int{}
	}
	if !before.IsZero() {
		b.running[uid][before]--
	}
	if !now.IsZero() {
		b.running[uid][now]++
	}
	b.reach(uid, at)
}

// reach tells those who wait for what is so now.
func (b *Books) reach(uid contract.WorkloadUID, at time.Time) {
	b.waiting = slices.DeleteFunc(b.waiting, func(w *waiter) bool {
		if w.uid != uid || b.running[uid][w.digest] < w.devices {
			return false
		}
		w.reached <- at
		return true
	})
}

func (b *Books) removed(uid contract.WorkloadUID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone[uid]++
}

func (b *Books) content(digest contract.Digest, body []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counts.Bodies++
	if _, has := b.contents[digest]; !has {
		b.contents[digest] = body
	}
}
