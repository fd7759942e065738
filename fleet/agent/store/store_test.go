// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/agent/store"
	"nationtech.io/harmony/fleet/contract"
)

var (
	body   = []byte(`{"type":"PodmanV0"}`)
	digest = contract.DigestOf(body)
	exact  = cmp.AllowUnexported(contract.PlaneID{}, contract.Digest{}, contract.WorkloadUID{})
)

func held(t *testing.T) decide.State {
	t.Helper()
	uid, err := contract.ParseWorkloadUID("0b9d6f0e-1111-4222-8333-444455556666")
	if err != nil {
		t.Fatal(err)
	}
	return decide.State{
		Plane: contract.NewPlaneID(), Order: contract.Order{Epoch: 1, Term: 2, Number: 3}, Manifest: digest,
		Records: map[contract.WorkloadUID]decide.Record{uid: {Namespace: "a", Name: "b", Generation: 4, Digest: digest, Want: contract.Present, Listed: true}},
	}
}

func open(t *testing.T, dir string) (*store.Store, *diag.Diagnostic) {
	t.Helper()
	s, lost, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, lost
}

func TestATimeIsKeptAndOneThatCannotBeReadIsNone(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	if got := s.Time(); !got.IsZero() {
		t.Errorf("nothing was kept, and it is %s", got)
	}
	if err := errors.Join(s.SaveTime(at.Add(-time.Hour)), s.SaveTime(at), s.Save(held(t)), s.Close()); err != nil {
		t.Fatal(err)
	}
	if s, _ = open(t, dir); !s.Time().Equal(at) {
		t.Errorf("%s is kept", s.Time())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "state.db")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte(at.Format(time.RFC3339)), []byte(at.AddDate(70, 0, 0).Format(time.RFC3339)))
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, _ = open(t, dir); !s.Time().IsZero() {
		t.Errorf("a bit that fell over makes it %s", s.Time())
	}
}

func TestWhatIsSavedIsLoadedAfterARestart(t *testing.T) {
	for name, want := range map[string]decide.State{"nothing": {}, "all": held(t)} {
		dir := t.TempDir()
		s, lost := open(t, dir)
		if lost != nil {
			t.Fatal(lost)
		}
		if err := errors.Join(s.PutRelease(digest, body), s.Save(want), s.Close()); err != nil {
			t.Fatal(err)
		}
		s, _ = open(t, dir)
		got, err := s.Load()
		if diff := cmp.Diff(want, got, exact); err != nil || diff != "" {
			t.Errorf("%s: %v, diff %s", name, err, diff)
		}
		if kept := s.Release(digest) != nil; kept != (name == "all") {
			t.Errorf("%s: the release is kept: %v", name, kept)
		}
	}
}

func TestAReleaseThatIsNotWhatItsDigestNamesIsNotGiven(t *testing.T) {
	s, _ := open(t, t.TempDir())
	if err := s.PutRelease(digest, []byte("something else")); err != nil {
		t.Fatal(err)
	}
	if got := s.Release(digest); got != nil {
		t.Errorf("got %q", got)
	}
}

func TestAFileThatIsBrokenIsPutAsideAndSaid(t *testing.T) {
	for name, destroy := range map[string]func([]byte) []byte{
		"cut short":      func(b []byte) []byte { return b[:len(b)/3] },
		"emptied":        func([]byte) []byte { return nil },
		"another file":   func([]byte) []byte { return []byte("not a database") },
		"zeroes":         func(b []byte) []byte { return make([]byte, len(b)) },
		"flipped inside": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`"Generation":4`), []byte(`"Generation":5`)) },
		"pages mixed up": func(b []byte) []byte {
			copy(b[2*4096:], bytes.Repeat([]byte{0xff}, len(b)-2*4096))
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, _ := open(t, dir)
			if err := errors.Join(s.PutRelease(digest, body), s.Save(held(t)), s.Close()); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "state.db")
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, destroy(data), 0o600); err != nil {
				t.Fatal(err)
			}
			s, lost := open(t, dir)
			if lost == nil || lost.Code != diag.StateLost {
				t.Fatalf("said %v", lost)
			}
			if aside, err := filepath.Glob(file + ".lost-*"); len(aside) != 1 {
				t.Errorf("put aside: %v, %v", aside, err)
			}
			if got, err := s.Load(); err != nil || len(got.Records) != 0 {
				t.Errorf("loaded %v, %v", got, err)
			}
			if err := s.Save(held(t)); err != nil {
				t.Errorf("nothing can be saved after that: %v", err)
			}
		})
	}
}

func TestWhereNothingCanBeWrittenThatIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := store.Open(t.Context(), file)
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != diag.StateNotKept {
		t.Errorf("got %v", err)
	}
	dir := t.TempDir()
	if s, _ := open(t, dir); s == nil {
		t.Fatal("not opened")
	}
	start := time.Now()
	if _, _, err := store.Open(t.Context(), dir); !errors.As(err, &d) || d.Code != diag.StateNotKept || time.Since(start) > 10*time.Second {
		t.Errorf("a second agent on the same file: %v", err)
	}
}
