// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package toolchain

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"

	"nationtech.io/harmony/event"
	"nationtech.io/harmony/internal/source/child"
	"nationtech.io/harmony/internal/source/pulse"
)

// A Build is one program to be built: static, without paths, times or the state of a
// repository in it, so that the same sources give the same bytes anywhere.
type Build struct {
	Dir     string // of the module
	Package string // the main package
	OS      string
	Arch    string
	Output  string // the file to write
	Title   string // what people call it, for progress: nats-server for linux/arm64
}

const (
	heartbeat = time.Second // after so much silence it tells again
	keptLines = 40          // of the output, for a Diagnostic

	patience = 5 * time.Second // that an interrupted go has to end its compilers
)

// Run builds the program and emits how far it is, at least every two seconds. The error is a *Error.
func (t Toolchain) Run(ctx context.Context, b Build) error {
	args := []string{"build", "-v", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", b.Output, b.Package}
	cmd := child.Command(ctx, patience, t.command, args...) // a killed go would leave its compilers behind
	cmd.Dir, cmd.Env = b.Dir, environment("GOOS="+b.OS, "GOARCH="+b.Arch)
	p := &progress{title: "building " + b.Title}
	output, end := child.Lines(func(line string) { p.line(ctx, line) })
	cmd.Stdout, cmd.Stderr = output, output
	p.beat(ctx)
	stop := pulse.Start(ctx, heartbeat/2, func() { p.beat(ctx) })
	err := cmd.Run()
	end()
	stop()
	if err != nil {
		return &Error{What: "go build " + b.Package, Output: p.said, Err: err}
	}
	return nil
}

// progress is what a running go build has told.
type progress struct {
	title string
	mu    sync.Mutex
	done  int
	last  string
	told  time.Time
	said  []string
}

// packageName is a line of go build -v: a package that is being compiled.
var packageName = regexp.MustCompile(`^[\w.~+/-]+$`)

func (p *progress) line(ctx context.Context, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case packageName.MatchString(text):
		p.done, p.last = p.done+1, text
	case strings.HasPrefix(text, "go: downloading "):
		p.last = strings.TrimPrefix(text, "go: ")
	case len(p.said) < keptLines:
		p.said = append(p.said, text)
		return
	}
	if time.Since(p.told) >= heartbeat/4 {
		p.tell(ctx)
	}
}

func (p *progress) tell(ctx context.Context) {
	text := p.title
	if p.last != "" {
		text += ": " + p.last
	}
	p.told = time.Now()
	event.Emit(ctx, event.Progress{Text: text, Done: p.done})
}

// beat tells when nothing was told for long.
func (p *progress) beat(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.told) >= heartbeat {
		p.tell(ctx)
	}
}
