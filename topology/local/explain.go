// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"errors"
	"sync"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/source/toolchain"
)

// The kinds of failure that localkube tells apart.
const (
	kindUsage        = "usage"
	kindPrerequisite = "prerequisite"
	kindBuild        = "build"
)

// failure is a command of localkube that did not do what it should.
type failure struct {
	command string
	said    line // its error; empty when it ended without a word
	err     error

	mu    sync.Mutex
	other []string // the last lines that were no JSON
}

const keptLines = 20

func (f *failure) note(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.other = append(f.other, text)
	f.other = f.other[max(0, len(f.other)-keptLines):]
}

// Error is what localkube said, or how it ended.
func (f *failure) Error() string {
	text := "localkube " + f.command
	switch {
	case f.said.Message != "":
		return text + ": " + f.said.Message
	case f.err != nil:
		return text + ": " + f.err.Error()
	}
	return text + " ended without a result"
}

// Unwrap gives how the program ended.
func (f *failure) Unwrap() error { return f.err }

// evidence puts what localkube said into d.
func (f *failure) evidence(d *diag.Diagnostic) *diag.Diagnostic {
	d.Saw(f.Error())
	for _, m := range f.said.Missing {
		d.Saw(m.What + ": " + m.Why)
		if m.Help != "" {
			d.Try(m.Help)
		}
	}
	for _, text := range append(f.said.Log, f.other...) {
		d.Saw(text)
	}
	return d
}

// didNotStart explains why there is no cluster.
func (m manager) didNotStart(ctx context.Context, err error) error {
	var f *failure
	if ctx.Err() != nil || !errors.As(err, &f) {
		return interrupted(ctx, err, "the local Kubernetes was not started")
	}
	switch f.said.Kind {
	case kindPrerequisite:
		d := diag.New(diag.LocalCannotRun).Because(err).Note("nothing was started or changed")
		return elsewhere(f.evidence(d))
	case kindBuild:
		return elsewhere(f.evidence(diag.New(diag.LocalNotBuilt).Because(err)).Try("see the whole of it:", m.path+" build"))
	case kindUsage:
		return f.evidence(diag.New(diag.BadFlag).Because(err))
	}
	d := diag.New(diag.LocalDidNotStart, "cluster "+m.cluster).Because(err)
	return f.evidence(d).Try("see what its parts say:", m.path+" status --name "+m.cluster,
		"or begin afresh, without the objects and data that are in it:", m.path+" down --name "+m.cluster)
}

// notBuilt explains why there is no localkube.
func notBuilt(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return interrupted(ctx, err, "localkube was not built")
	}
	d := diag.New(diag.LocalNotBuilt).Because(err)
	var failed *toolchain.Error
	switch {
	case errors.Is(err, toolchain.ErrMissing):
		d.Saw("PATH has no go command, and the local Kubernetes is built from Go sources").
			Try("install Go from https://go.dev/dl, or Debian's package:", "apt install golang-go")
	case errors.As(err, &failed):
		for _, text := range failed.Output {
			d.Saw(text)
		}
	}
	return elsewhere(d)
}

func interrupted(ctx context.Context, err error, note string) error {
	return diag.Ended(ctx).Because(errors.Join(context.Cause(ctx), err)).Note(note)
}

// elsewhere names the alternative to a local cluster in a Diagnostic.
func elsewhere(err error) error {
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		return err
	}
	return d.Try("or use a cluster that you have:", "--topology kubernetes --context NAME")
}
