// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"log/slog"
	"sync"
	"time"
)

// sparse logs what others can cause at will: ten lines at once and then one a
// second, with the number of those that were left out.
type sparse struct {
	log *slog.Logger

	mu      sync.Mutex
	credit  float64
	last    time.Time
	skipped int
}

const (
	sparseBurst = 10
	sparseRate  = 1 // lines a second
)

func newSparse(log *slog.Logger) *sparse {
	return &sparse{log: log, credit: sparseBurst, last: time.Now()}
}

func (s *sparse) warn(what string, args ...any) {
	s.mu.Lock()
	now := time.Now()
	s.credit = min(sparseBurst, s.credit+now.Sub(s.last).Seconds()*sparseRate)
	s.last = now
	if s.credit < 1 {
		s.skipped++
		s.mu.Unlock()
		return
	}
	s.credit--
	skipped := s.skipped
	s.skipped = 0
	s.mu.Unlock()
	if skipped > 0 {
		args = append(args, "lines_left_out", skipped)
	}
	s.log.Warn(what, args...)
}

// clip keeps what a stranger wrote from filling the log.
func clip(text string) string { return text[:min(len(text), 80)] }
