// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package shelf_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"nationtech.io/harmony/internal/source/shelf"
)

func whole(entry string) bool {
	text, err := os.ReadFile(filepath.Join(entry, "file"))
	return err == nil && string(text) == "whole"
}

// put does as a build does.
func put(s shelf.Shelf) error {
	desk, err := s.Desk()
	if err != nil {
		return err
	}
	draft := filepath.Join(desk, "draft")
	return errors.Join(
		os.Mkdir(draft, 0o755),
		os.WriteFile(filepath.Join(draft, "file"), []byte("whole"), 0o644),
		s.Put("key", draft, whole),
		os.RemoveAll(desk),
	)
}

func TestManyMayPutTheSameAtOnce(t *testing.T) {
	for _, broken := range []bool{false, true} {
		s := shelf.Shelf{Dir: t.TempDir(), Keep: 1}
		if broken {
			if err := errors.Join(os.Mkdir(s.Entry("key"), 0o755), os.WriteFile(filepath.Join(s.Entry("key"), "file"), nil, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := put(s); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		left, err := os.ReadDir(s.Dir)
		if err != nil || len(left) != 1 || !whole(s.Entry("key")) {
			t.Errorf("broken before: %v; left %v, %v", broken, left, err)
		}
	}
}

func TestADeskThatWasAbandonedIsSwept(t *testing.T) {
	s := shelf.Shelf{Dir: t.TempDir(), Keep: 1}
	old, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	young, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := errors.Join(os.Chtimes(old, yesterday, yesterday), put(s)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("the abandoned desk is still there")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("a desk that is in use was swept")
	}
}
