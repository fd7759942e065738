// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"nationtech.io/harmony/event"
)

// A view is how the live tree is drawn: how wide and high it may be, and the moment.
type view struct {
	look
	width, height int
	now           time.Time
	frame         int // of the spinner
}

const (
	narrowest   = 20 // a terminal that says it is narrower is drawn on as if it were not
	nameColumn  = 28
	roomForStep = 11
	roomForTook = 10 // columns that a duration takes on the right
)

// lines draws the rows, each on a line of its own that fits the terminal, with what is waited for below it. When the terminal
// is not high enough, what has ended is left out first.
func (v view) lines(rows []event.Row, stopping bool) []string {
	v.width = max(v.width, narrowest)
	all := v.blocks(rows)
	if len(all) >= v.height {
		var going []event.Row
		for _, r := range rows {
			if r.Ended == nil {
				going = append(going, r)
			}
		}
		all = v.blocks(going)
	}
	if stopping {
		all = append(all, v.fit("interrupted: what is under way may end; again to end it at once"))
	}
	if limit := max(v.height-1, 1); len(all) > limit {
		all = append(all[:limit-1], v.fit(fmt.Sprintf("%s%d lines more", v.dots(), len(all)-limit+1)))
	}
	return all
}

func (v view) blocks(rows []event.Row) (all []string) {
	for _, r := range rows {
		all = append(all, v.row(r)...)
	}
	return all
}

// row is one placement and what it is at.
func (v view) row(r event.Row) []string {
	indent := strings.Repeat("  ", max(len(r.Path), 1))
	name := ""
	if len(r.Path) > 0 {
		name = r.Path[len(r.Path)-1]
	}
	switch {
	case r.Ended != nil:
		mark := event.Mark(r.Ended.Standing, v.ascii)
		return []string{v.line(indent+mark+" "+name, r.Ended.Standing, time.Duration(r.Ended.Took), mark)}
	case len(r.Steps) == 0:
		return []string{v.fit(indent + v.idle() + " " + name)}
	}
	first, last := r.Steps[0], r.Steps[len(r.Steps)-1]
	lines := []string{v.line(indent+v.spinner()+" "+name, last.Step, v.now.Sub(first.Since), v.spinner())}
	return append(lines, v.doing(indent+"    ", r.Doing)...)
}

// doing is the reason for the present wait, below the object that is waited for. How long it has lasted is always there;
// where there is no room for the object and the reason side by side, they have lines of their own.
func (v view) doing(indent string, d event.Doing) (lines []string) {
	if d.For == "" && d.Text == "" {
		return nil
	}
	took := ""
	if lasted := v.now.Sub(d.Since); lasted >= time.Second {
		took = ", " + strconv.Itoa(int(lasted.Seconds())) + " s"
		if lasted >= time.Minute {
			took = ", " + event.Human(lasted)
		}
	}
	names := []string{d.For}
	if len(d.Below) > 0 {
		names = append(names, strings.Join(d.Below, ", "))
	}
	for _, name := range names[:len(names)-1] {
		lines = append(lines, v.fit(indent+name))
		indent += "  "
	}
	last := names[len(names)-1]
	if _, found, again := strings.Cut(d.Text, last+": "); again && last != "" {
		d.Text = found // what is above the reason need not be said in it, too
	}
	switch whole := indent + last + ": " + d.Text; {
	case last == "":
		return append(lines, v.ending(indent+d.Text, took))
	case len([]rune(whole+took)) < v.width:
		return append(lines, whole+took)
	}
	return append(lines, v.fit(indent+last), v.ending(indent+"  "+d.Text, took))
}

// ending shortens a text so that what ends the line fits, too.
func (v view) ending(text, end string) string { return v.cut(text, v.width-1-len([]rune(end))) + end }

// line has a duration at its right end, as far as there is room for it.
func (v view) line(left, middle string, took time.Duration, mark string) string {
	right := fmt.Sprintf("%*s", roomForTook, event.Human(took.Truncate(100*time.Millisecond)))
	room := v.width - 1 - roomForTook
	text := v.cut(fmt.Sprintf("%-*s %s", min(nameColumn, room-roomForStep), left, middle), room)
	text += strings.Repeat(" ", max(0, room-len([]rune(text)))) + right
	if v.color && mark != "" {
		text = strings.Replace(text, mark, paint(mark), 1)
	}
	return text
}

func (v view) fit(text string) string { return v.cut(text, v.width-1) }

// cut shortens a text to a number of columns.
func (v view) cut(text string, room int) string {
	runes := []rune(text)
	if len(runes) <= room {
		return text
	}
	dots := v.dots()
	return string(runes[:max(0, room-len([]rune(dots)))]) + dots
}

func (v view) dots() string {
	if v.ascii {
		return "..."
	}
	return "…"
}

func (v view) idle() string {
	if v.ascii {
		return "."
	}
	return "·"
}

func (v view) spinner() string {
	frames := []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	if v.ascii {
		frames = []rune(`|/-\`)
	}
	return string(frames[v.frame%len(frames)])
}

// paint colours a mark: green for what is well, red for what is not, dim for what was left out, cyan for what is under way.
func paint(mark string) string {
	color := "36"
	switch mark {
	case "✗", "x":
		color = "31"
	case "✓", "+", "=":
		color = "32"
	case "–", "-":
		color = "2"
	}
	return "\x1b[" + color + "m" + mark + "\x1b[0m"
}
