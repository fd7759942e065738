// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"nationtech.io/harmony/event"
)

// A live tree shows on a terminal how a run stands. What has happened for good (changes, ends of placements) is written
// above it and stays in the scrollback; the tree below is drawn anew several times a second, and is taken away when
// nothing is under way.
type live struct {
	w    io.Writer
	view view
	size func() (width, height int)

	mu    sync.Mutex
	board event.Board
	log   bytes.Buffer // of plain
	plain event.Plain
	drawn []string
}

const redraw = 100 * time.Millisecond

func newLive(w io.Writer, l look, size func() (int, int)) *live {
	t := &live{w: w, view: view{look: l}, size: size}
	t.plain = event.Plain{W: &t.log, ASCII: l.ascii}
	return t
}

// Emit notes the event, and writes what stays.
func (t *live) Emit(r event.Record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.board.Emit(r)
	switch r.Event.(type) {
	case event.Changed, event.PlacementEnded, event.Notice, event.Stopping:
		t.plain.Emit(r)
		t.draw(r.At)
	default:
		if len(t.board.UnderWay()) == 0 {
			t.draw(r.At) // what follows may be written by someone else
		}
	}
}

// beat draws the tree anew.
func (t *live) beat(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.board.UnderWay()) > 0 {
		t.view.frame++
		t.draw(now)
	}
}

// draw takes the tree away, writes what stays, and draws the tree again if something is under way: in one write, so that
// nothing flickers.
func (t *live) draw(now time.Time) {
	var b strings.Builder
	t.view.width, t.view.height = t.size()
	t.view.now = now
	if rows := t.rowsDrawn(); rows > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r\x1b[J", rows)
	}
	b.Write(t.log.Bytes())
	t.log.Reset()
	t.drawn = nil
	if len(t.board.UnderWay()) > 0 {
		t.drawn = t.view.lines(t.board.Rows(), t.board.Stopping())
	}
	for _, line := range t.drawn {
		b.WriteString(line + "\n")
	}
	if b.Len() > 0 {
		_, _ = io.WriteString(t.w, b.String()) // nothing is left to tell when the terminal cannot be written to
	}
}

// rowsDrawn are the rows of the terminal that the tree takes: lines are wrapped when the terminal was made narrower.
func (t *live) rowsDrawn() (rows int) {
	for _, line := range t.drawn {
		rows += 1 + max(0, visible(line)-1)/max(t.view.width, 1)
	}
	return rows
}

// visible counts the columns of a line, without its colours.
func visible(line string) (n int) {
	escaped := false
	for _, r := range line {
		switch {
		case r == '\x1b':
			escaped = true
		case escaped:
			escaped = r != 'm'
		default:
			n++
		}
	}
	return n
}

// reporter shows people what happens: a live tree on a terminal that can have one, else lines. stop ends that.
func reporter(w io.Writer, l look) (sink event.Sink, stop func()) {
	if file, ok := w.(*os.File); ok && l.moves {
		t := newLive(w, l, func() (int, int) { return sizeOf(file) })
		return t, event.Beat(redraw, t.beat)
	}
	p := &event.Plain{W: w, ASCII: l.ascii}
	return p, event.Beat(event.Silence/4, p.Beat)
}

// sizeOf is that of a terminal; the common one where it does not tell.
func sizeOf(file *os.File) (width, height int) {
	width, height, err := term.GetSize(int(file.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}
