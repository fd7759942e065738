// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"sync"
	"time"

	"nationtech.io/harmony/fleet/contract"
)

// logPause is between two pieces of a log: the fleet takes ten messages a second from a device.
const logPause = 250 * time.Millisecond

// pieces cuts a log into replies. What is written leaves when there is enough of it, and after logPause at the latest.
// Whoever writes faster than that waits, so nothing is dropped unless it cannot be sent.
type pieces struct {
	send func(contract.LogsReply) bool

	mu   sync.Mutex
	room *sync.Cond
	next contract.LogsReply
	done bool
}

func newPieces(c contract.Command, send func(contract.LogsReply) bool) *pieces {
	p := &pieces{send: send, next: contract.LogsReply{Device: c.Device, Request: c.Request, Sequence: 1}}
	p.room = sync.NewCond(&p.mu)
	return p
}

// run sends what is written until the context ends.
func (p *pieces) run(ctx context.Context) {
	pace := time.NewTicker(logPause)
	defer pace.Stop()
	for {
		select {
		case <-ctx.Done():
			p.mu.Lock()
			p.done = true
			p.room.Broadcast()
			p.mu.Unlock()
			return
		case <-pace.C:
			p.flush()
		}
	}
}

func (p *pieces) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.next.Data) == 0 {
		return
	}
	if !p.send(p.next) {
		p.next.Dropped += uint64(len(p.next.Data))
	}
	p.next.Sequence++
	p.next.Data = nil
	p.room.Broadcast()
}

func (p *pieces) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for rest := data; len(rest) > 0; {
		for len(p.next.Data) == contract.MaxOutput && !p.done {
			p.room.Wait()
		}
		if p.done {
			return 0, &CommandError{contract.KindFailed, contract.CodeDeadline, "the deadline of the command is near", nil}
		}
		n := min(len(rest), contract.MaxOutput-len(p.next.Data))
		p.next.Data = append(p.next.Data, rest[:n]...)
		rest = rest[n:]
	}
	return len(data), nil
}

// last gives what is left, as the last piece.
func (p *pieces) last() contract.LogsReply {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next.Last = true
	return p.next
}
