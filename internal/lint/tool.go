// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"path/filepath"
	"sync"
	"time"
)

// patience is how long a build may say nothing.
const patience = 5 * time.Second

// A tool is a program of a module of ours, or one that its go.mod pins. It is built into bin, once in a run; Go's build
// cache makes that quick from the second run on.
type tool struct {
	name, dir, pkg string
	flags          []string // of go build

	once sync.Once
	said string
	err  error
}

func (t *tool) build(ctx context.Context, progress func(string)) (said string, err error) {
	t.once.Do(func() {
		slow := time.AfterFunc(patience, func() {
			progress("building " + t.name + ": takes some minutes the first time, and after its version changed")
		})
		defer slow.Stop()
		into, err := filepath.Abs(t.path())
		if err != nil {
			t.err = err
			return
		}
		t.said, t.err = say(ctx, t.dir, append(append([]string{"go", "build", "-o", into}, t.flags...), t.pkg))
	})
	return t.said, t.err
}

// path is where the program is, relative to the root.
func (t *tool) path() string { return filepath.Join("bin", t.name) }
