// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"nationtech.io/harmony/localkube/internal/cluster"
	"nationtech.io/harmony/localkube/internal/fault"
)

// printer shows progress, results and errors to a person or a program.
type printer struct {
	stdout, stderr io.Writer
	terminal       bool
	json           bool
	begin          time.Time

	mu     sync.Mutex
	last   cluster.Event
	lastAt time.Time // when a progress line was last written
	open   bool      // a line on the terminal waits to be overwritten
}

func newPrinter(stdout, stderr io.Writer) *printer {
	file, ok := stderr.(*os.File)
	return &printer{stdout: stdout, stderr: stderr, terminal: ok && term.IsTerminal(int(file.Fd())), begin: time.Now()}
}

// quiet is how long a build may say nothing: less where the line is overwritten, or read by a program.
func (p *printer) quiet() time.Duration {
	if p.terminal || p.json {
		return 2 * time.Second
	}
	return 10 * time.Second
}

// shortest is the time between two lines about the same thing.
func (p *printer) shortest() time.Duration {
	if p.terminal || p.json {
		return 200 * time.Millisecond
	}
	return 10 * time.Second
}

// progress shows a step; steps of the same kind that come quickly are left out.
func (p *printer) progress(e cluster.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	same := e.Step == p.last.Step && e.Message == p.last.Message
	p.last = e
	if same && time.Since(p.lastAt) < p.shortest() && (e.Done < e.Total || e.Total == 0) {
		return
	}
	p.write(e)
}

// heartbeat repeats the last step while nothing new comes, until the function that it gives is called.
func (p *printer) heartbeat() (stop func()) {
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		ticker := time.NewTicker(500 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			p.mu.Lock()
			if p.last.Step == "build" && time.Since(p.lastAt) >= p.quiet()-250*time.Millisecond {
				p.write(p.last)
			}
			p.mu.Unlock()
		}
	})
	return func() { close(done); group.Wait() }
}

func (p *printer) write(e cluster.Event) {
	p.lastAt = time.Now()
	if p.json {
		line := map[string]any{"event": "progress", "step": e.Step, "message": e.Message, "seconds": seconds(time.Since(p.begin))}
		if e.Total > 0 {
			line["done"], line["total"] = e.Done, e.Total
		}
		p.line(line)
		return
	}
	message := e.Message
	if e.Step == "build" {
		message = "building " + e.Message
		if e.Total > 0 {
			message += fmt.Sprintf(" %d of at most %d packages", e.Done, e.Total)
		}
	}
	text := fmt.Sprintf("local  %-60s %7.1f s", message, time.Since(p.begin).Seconds())
	if p.terminal {
		_, _ = fmt.Fprintf(p.stderr, "\r\x1b[K%s", text)
		p.open = true
		return
	}
	_, _ = fmt.Fprintln(p.stderr, text)
}

// closeLine ends a line on the terminal that would be overwritten.
func (p *printer) closeLine() {
	if p.open {
		_, _ = fmt.Fprint(p.stderr, "\r\x1b[K")
		p.open = false
	}
}

// result shows the result: fields to programs, text to people.
func (p *printer) result(event string, fields any, text string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closeLine()
	if !p.json {
		if text != "" {
			_, _ = fmt.Fprintln(p.stdout, strings.TrimRight(text, "\n"))
		}
		return nil
	}
	content, err := json.Marshal(fields)
	if err != nil {
		return fault.Wrap(fault.Failed, err, "encode the result")
	}
	line := map[string]any{}
	if err := json.Unmarshal(content, &line); err != nil {
		return fault.Wrap(fault.Failed, err, "encode the result")
	}
	if event != "" {
		line["event"] = event
	}
	p.line(line)
	return nil
}

func (p *printer) line(fields map[string]any) {
	content, err := json.Marshal(fields)
	if err != nil {
		return
	}
	_, _ = p.stdout.Write(append(content, '\n'))
}

// fail shows an error with all that helps.
func (p *printer) fail(f *fault.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closeLine()
	if p.json {
		message := f.Message
		if f.Err != nil {
			message += ": " + f.Err.Error()
		}
		line := map[string]any{"event": "error", "kind": f.Kind, "message": message}
		if len(f.Missing) > 0 {
			line["missing"] = f.Missing
		}
		if len(f.Log) > 0 {
			line["log"] = f.Log
		}
		p.line(line)
		return
	}
	message := f.Message
	if f.Err != nil {
		message += ": " + f.Err.Error()
	}
	_, _ = fmt.Fprintln(p.stderr, "error:", message)
	for _, m := range f.Missing {
		_, _ = fmt.Fprintf(p.stderr, "  missing: %s: %s\n      help: %s\n", m.What, m.Why, m.Help)
	}
	for _, line := range f.Log {
		_, _ = fmt.Fprintln(p.stderr, "  |", line)
	}
	if f.Kind == fault.Usage {
		_, _ = fmt.Fprintln(p.stderr, `"localkube --help" tells what there is.`)
	}
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
