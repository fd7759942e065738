// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package pace

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	firstPause = 100 * time.Millisecond
	maxPause   = 15 * time.Second
)

// Pause is how long to wait before the next attempt to connect, after so many that failed. It is a random part of spread,
// each time anew, so that devices come back evenly over it whenever their servers do.
//
// It is never less than what a fleet of any size does: pauses that grow by a quarter each, so that at any time the next one
// is about a quarter of what has been waited already, and nobody is late by much more than the outage itself lasted.
func Pause(failed int, spread time.Duration) time.Duration {
	longest := float64(firstPause)
	for range min(failed, 40) {
		longest *= 1.25
	}
	longest = min(longest, float64(maxPause))
	return max(time.Duration(longest/2+rand.Float64()*longest/2), time.Duration(rand.Float64()*float64(spread)))
}

// Pace is that of one connection. Its methods are safe for concurrent use.
type Pace struct {
	// Spread is the time over which all devices come back, about their number divided by how many are let in each second.
	// It is asked for at each attempt; none when nil.
	Spread func() time.Duration
	failed atomic.Int64
}

// Pause is that before the next attempt.
func (p *Pace) Pause() time.Duration {
	var spread time.Duration
	if p.Spread != nil {
		spread = p.Spread()
	}
	return Pause(int(p.failed.Add(1))-1, spread)
}

// Connected begins anew: the connection is up.
func (p *Pace) Connected() { p.failed.Store(0) }

// Next is for nats.ReconnectToServer: before every attempt, also to another server, there is a pause. Where several servers
// are known, the one that was tried least since it was last connected to is next. The client itself would go to the others at
// once, as would all devices of a server that is lost.
func (p *Pace) Next(servers []nats.Server, _ nats.ServerInfo) (*nats.Server, time.Duration) {
	next := rand.IntN(len(servers))
	for i, s := range servers {
		if s.Reconnects < servers[next].Reconnects {
			next = i
		}
	}
	return &servers[next], p.Pause()
}
