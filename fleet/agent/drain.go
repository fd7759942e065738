// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

var errStopping = errors.New("the agent is being stopped")

// lastWords is how long commands that were told to stop have to say so.
const lastWords = time.Second

// drain takes no new commands, and returns when those that came have been
// answered. Those that are not done within the limit are told to stop.
func (s *commandServer) drain(limit time.Duration) {
	s.mu.Lock()
	sub := s.subscription
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.readAll(sub)
		s.running.Wait()
	}()
	if !within(done, limit) {
		s.log.Warn("commands are still running and are told to stop", "after", limit)
	}
	s.end(errStopping)
	if !within(done, lastWords) {
		s.log.Error("commands do not stop and are left behind", "running", len(s.slots))
	}
}

// readAll returns when a subscription has ended and all that came before has been read.
func (s *commandServer) readAll(sub *nats.Subscription) {
	if sub == nil || !sub.IsValid() {
		return
	}
	if !s.out.connected() {
		// A drain would wait for the server. There is no one to answer to either.
		_ = sub.Unsubscribe()
		return
	}
	ended := make(chan struct{})
	sub.SetClosedHandler(func(string) { close(ended) })
	if sub.Drain() == nil {
		<-ended
	}
}

func within(done <-chan struct{}, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
