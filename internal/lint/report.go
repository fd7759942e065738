// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

type verdict string

const (
	passed  verdict = "pass"
	failed  verdict = "FAIL"
	skipped verdict = "SKIP"
)

// A result is how a step went, and what is to be read about that.
type result struct {
	verdict verdict
	took    time.Duration
	said    string // why it was skipped, or what it found
}

// A report writes down results as they come, and counts them.
type report struct {
	mu    sync.Mutex
	out   io.Writer
	count map[verdict]int
}

func (r *report) take(s step, how result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count == nil {
		r.count = map[verdict]int{}
	}
	r.count[how.verdict]++
	line := fmt.Sprintf("%-4s %6.1f s  %s", how.verdict, how.took.Seconds(), s.name)
	switch said := strings.TrimSpace(how.said); how.verdict {
	case skipped:
		line += ": NOT CHECKED, " + said
	case failed:
		line += "\n    " + strings.ReplaceAll(said, "\n", "\n    ")
	case passed:
	}
	fmt.Fprintln(r.out, line)
}

// progress tells of something that takes its time.
func (r *report) progress(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintln(r.out, "...          ", text)
}

// close writes the counts and gives the exit code.
func (r *report) close() int {
	line := fmt.Sprintf("%d passed, %d failed", r.count[passed], r.count[failed])
	if n := r.count[skipped]; n > 0 {
		line += fmt.Sprintf(", %d skipped", n)
	}
	fmt.Fprintln(r.out, line)
	if r.count[failed] > 0 {
		return 1
	}
	return 0
}
