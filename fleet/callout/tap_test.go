// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
)

// tap hears everything in an account.
type tap struct {
	mu   sync.Mutex
	seen []*nats.Msg
}

func (s *scene) tap(conn *nats.Conn) *tap {
	s.t.Helper()
	t := new(tap)
	if _, err := conn.Subscribe(">", func(m *nats.Msg) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.seen = append(t.seen, m)
	}); err != nil {
		s.t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		s.t.Fatal(err)
	}
	return t
}

func (t *tap) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = nil
}

func (t *tap) heard(subject, text string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range t.seen {
		if m.Subject == subject && strings.Contains(string(m.Data), text) {
			return true
		}
	}
	return false
}

// heard tells whether a message with that text came to that subject, in any account.
func (s *scene) heard(subject, text string) bool {
	for _, t := range s.taps {
		if t.heard(subject, text) {
			return true
		}
	}
	return false
}
