// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"os"
	"path/filepath"
	"sort"
	"time"

	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/state"
)

// keep is how many builds of a piece stay in the cache.
const keep = 2

// cache is a directory with PIECE/HASH/FILES.
type cache string

func defaultCache() (cache, error) {
	home, err := os.UserCacheDir()
	if err != nil {
		return "", fault.Wrap(fault.Usage, err, "no directory for the cache: set XDG_CACHE_HOME")
	}
	return cache(filepath.Join(home, "harmony", "localkube")), nil
}

func (c cache) lockFile() string                { return filepath.Join(string(c), "lock") }
func (c cache) entry(piece, hash string) string { return filepath.Join(string(c), piece, hash) }
func (c cache) has(piece, hash string) bool {
	_, err := os.Stat(c.entry(piece, hash))
	return err == nil
}
func (c cache) stage(piece string) (string, error) {
	dir := filepath.Join(string(c), piece)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fault.Wrap(fault.Build, err, "make the cache")
	}
	staging, err := os.MkdirTemp(dir, ".building-")
	if err != nil {
		return "", fault.Wrap(fault.Build, err, "make the cache")
	}
	return staging, nil
}

// touch marks an entry as used now.
func (c cache) touch(piece, hash string) {
	now := time.Now()
	_ = os.Chtimes(c.entry(piece, hash), now, now)
}

// Hold marks a directory of the cache as in use for as long as this process
// lives and the lock is not given back.
func Hold(dir string) (*state.Lock, error) { return state.ShareLock(filepath.Join(dir, ".used")) }

// prune removes the builds of a piece that are neither among the newest nor in
// use, and what builds that were cut short have left. Others must not build meanwhile.
func (c cache) prune(piece string) {
	dirs, err := os.ReadDir(filepath.Join(string(c), piece))
	if err != nil {
		return
	}
	type entry struct {
		path string
		used time.Time
	}
	var entries []entry
	for _, d := range dirs {
		path := filepath.Join(string(c), piece, d.Name())
		info, err := d.Info()
		if err != nil {
			continue
		}
		if d.Name()[0] == '.' {
			_ = os.RemoveAll(path)
			continue
		}
		entries = append(entries, entry{path, info.ModTime()})
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].used.After(entries[j].used) })
	for _, e := range entries[min(keep, len(entries)):] {
		if lock, err := state.TryLock(filepath.Join(e.path, ".used")); err == nil {
			_ = os.RemoveAll(e.path)
			lock.Unlock()
		}
	}
}
