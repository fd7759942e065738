// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Plain writes one line for each change of state, for people and for logs. A
// progress or wait that says the same as the line before, or comes less than
// pause after it, is left out; pause is 1 s when zero.
type Plain struct {
	W     io.Writer
	ASCII bool // for a locale that is not UTF-8
	Pause time.Duration

	mu    sync.Mutex
	last  map[string]said
	board Board
	wrote time.Time
}

type said struct {
	text string
	at   time.Time
}

// Emit writes the event when it says something new.
func (p *Plain) Emit(r Record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.board.Emit(r)
	if p.wrote.IsZero() {
		p.wrote = r.At // nobody has been waiting until now
	}
	text := p.line(r)
	if text == "" {
		return
	}
	if p.last == nil {
		p.last = map[string]said{}
	}
	path := p.path(r.Path)
	if passing(r.Event) && p.tooSoon(path, text, r.At) {
		return
	}
	p.last[path] = said{text, r.At}
	p.write(r.Path, text, r.At)
}

// write writes a line about a placement.
func (p *Plain) write(at []string, text string, now time.Time) {
	p.wrote = now
	if path := p.path(at); path != "" {
		text = fmt.Sprintf("%-12s %s", path, text)
	}
	fmt.Fprintln(p.W, strings.TrimRight(text, " "))
}

func (p *Plain) tooSoon(path, text string, at time.Time) bool {
	pause := p.Pause
	if pause == 0 {
		pause = time.Second
	}
	last := p.last[path]
	return last.text == text || at.Sub(last.at) < pause
}

// passing events tell of a moment and may be left out.
func passing(e Event) bool {
	switch e.(type) {
	case Progress, Waiting:
		return true
	}
	return false
}

func (p *Plain) line(r Record) string {
	switch e := r.Event.(type) {
	case Progress:
		if e.Total > 0 {
			return fmt.Sprintf("%s (%d of %d)", e.Text, e.Done, e.Total)
		}
		return e.Text
	case Waiting:
		return strings.TrimSuffix("waiting for "+e.For+": "+e.Saw, ": ")
	case Changed:
		return strings.TrimSuffix(e.Action+" "+e.Object+": "+e.Detail, ": ")
	case Notice:
		return "beware: " + e.Text
	case Stopping:
		return "interrupted: nothing new is started, what is under way may end; interrupt again to end it at once"
	case PlacementEnded:
		return fmt.Sprintf("%s %s after %s", Mark(e.Standing, p.ASCII), e.Standing, Human(time.Duration(e.Took)))
	}
	return ""
}

// Mark is the sign for how a placement ended.
func Mark(standing string, ascii bool) string {
	marks := map[string]string{"failed": "✗", "interrupted": "✗", "skipped": "–", "unchanged": "=", "done": "✓"}
	if ascii {
		marks = map[string]string{"failed": "x", "interrupted": "x", "skipped": "-", "unchanged": "=", "done": "+"}
	}
	return marks[standing]
}

func (p *Plain) path(path []string) string {
	if p.ASCII {
		return strings.Join(path, " > ")
	}
	return strings.Join(path, " › ")
}

// Human writes a duration as people read it: 0.8 ms, 1.4 s, 3 min 12 s, 3 d 4 h.
func Human(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%.3g ms", float64(d)/float64(time.Millisecond))
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}
