// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package shelf keeps what was built, below a digest of what it was built from.
//
// An entry is a directory that appears whole, by a rename, so that several
// processes may share a shelf without locks; its modification time tells its last use.
package shelf

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Shelf is a directory of entries.
type Shelf struct {
	Dir  string
	Keep int // that many entries are kept, those used last, and all that were used within the hour
}

const (
	inUse     = time.Hour
	abandoned = 24 * time.Hour // a desk that was not cleared for that long has no owner
	deskName  = ".desk-"
)

// Cached is the shelf of that name in the user's cache: $XDG_CACHE_HOME/harmony/NAME.
func Cached(name string, keep int) (Shelf, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return Shelf{}, fmt.Errorf("find the directory that caches what was built: %w", err)
	}
	return Shelf{Dir: filepath.Join(cache, "harmony", name), Keep: keep}, nil
}

// Entry is where the entry of that key is, if it is there.
func (s Shelf) Entry(key string) string { return filepath.Join(s.Dir, key) }

// Use marks the entry as used now.
func (s Shelf) Use(key string) {
	now := time.Now()
	_ = os.Chtimes(s.Entry(key), now, now) // pruned a little early at worst
}

// Desk makes a directory to work in, on the shelf's own file system. The caller clears it.
func (s Shelf) Desk() (string, error) {
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return "", fmt.Errorf("make the directory that keeps what was built: %w", err)
	}
	desk, err := os.MkdirTemp(s.Dir, deskName)
	if err != nil {
		return "", fmt.Errorf("make a directory to build in: %w", err)
	}
	return desk, nil
}

// Put moves the directory draft to its place. whole tells whether an entry can be used: when another
// process was faster, its entry stays, because it was made from the same; a broken one is replaced.
func (s Shelf) Put(key, draft string, whole func(entry string) bool) error {
	place := s.Entry(key)
	if whole(place) {
		return nil
	}
	if err := s.drop(place); err != nil {
		return fmt.Errorf("replace what is broken: %w", err)
	}
	if err := os.Rename(draft, place); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keep what was built: %w", err)
	}
	s.prune()
	return nil
}

// drop takes an entry away, first out of sight and then from the disk.
func (s Shelf) drop(place string) error {
	if _, err := os.Lstat(place); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	desk, err := s.Desk()
	if err != nil {
		return err
	}
	if err := os.Rename(place, filepath.Join(desk, "dropped")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(desk)
}

// prune drops what was not used for long. It is housekeeping: a failure leaves it to the next build.
func (s Shelf) prune() {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return
	}
	var kept []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil:
		case !strings.HasPrefix(e.Name(), deskName):
			kept = append(kept, info)
		case time.Since(info.ModTime()) > abandoned:
			_ = os.RemoveAll(filepath.Join(s.Dir, e.Name()))
		}
	}
	slices.SortFunc(kept, func(a, b fs.FileInfo) int { return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano()) })
	for _, old := range kept[min(s.Keep, len(kept)):] {
		if time.Since(old.ModTime()) > inUse {
			_ = s.drop(s.Entry(old.Name()))
		}
	}
}
