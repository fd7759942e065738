// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

// A Witness is a Place that can tell more of a failure than its Diagnostics do.
type Witness interface {
	// Evidence hands out files that tell how a namespace stands, without a secret in any of them.
	Evidence(ctx context.Context, namespace string, write func(name string, content []byte) error) error
}

// evidenceWithin bounds how long a failure is held up for its evidence.
const evidenceWithin = 15 * time.Second

// A bundle is a directory with all that is known of a run that failed.
type bundle struct {
	dir    string
	events *os.File
}

func (c *common) bundleFlag(fs *pflag.FlagSet) {
	fs.StringVar(&c.bundle, "bundle", "", "write what happens, and the evidence of a failure at its moment, to this new or empty directory")
}

// newBundle makes the directory, which only its owner may read.
func newBundle(dir string) (*bundle, error) {
	refused := func(err error) error { return (&FlagError{"bundle", dir, err}).diagnostic() }
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, refused(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, refused(err)
	}
	if len(entries) > 0 {
		return nil, diag.New(diag.BadFlag, "--bundle").Saw(dir + " is not empty").Try("name a directory that is new or empty")
	}
	b := &bundle{dir: dir}
	if b.events, err = os.OpenFile(filepath.Join(dir, "events.jsonl"), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600); err != nil {
		return nil, refused(err)
	}
	return b, nil
}

// write writes a file below the directory.
func (b *bundle) write(name string, content []byte) error {
	path := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make a directory of the bundle: %w", err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fmt.Errorf("write a file of the bundle: %w", err)
	}
	return nil
}

// failed takes the evidence of a step that has failed just now.
func (s *session) failed(ctx context.Context, e *harmony.PlacementError) {
	w, ok := s.place.(Witness)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), evidenceWithin)
	defer cancel()
	event.Emit(ctx, event.Progress{Text: "taking evidence of the failure"})
	below := strings.Join(e.Path, "-")
	err := w.Evidence(ctx, s.common.namespace, func(name string, content []byte) error {
		return s.bundle.write(below+"/"+name, content)
	})
	if err != nil {
		event.Emit(ctx, event.Notice{Text: "the evidence of the failure is not complete: " + err.Error()})
	}
}

// conclude writes what came out, and tells where the evidence of a failure is.
func (b *bundle) conclude(a App, streams Streams, report any, err error) error {
	var out, text bytes.Buffer
	errs := []error{writeJSON(&out, report), b.write("report.json", out.Bytes())}
	for _, d := range diagnostics(err) {
		errs = append(errs, diag.Style{Program: a.Name}.Write(&text, d))
	}
	if text.Len() > 0 {
		errs = append(errs, b.write("errors.txt", text.Bytes()))
		_, told := io.WriteString(streams.Err, "the evidence is in "+b.dir+"\n")
		errs = append(errs, told)
	}
	return errors.Join(append(errs, b.events.Close())...)
}
