// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/contract"
)

const (
	fileName  = "state.db"
	lockLimit = time.Second // for how long another agent on the same file is waited for
)

var (
	heldBucket    = []byte("held")
	releaseBucket = []byte("releases")
	stateKey      = []byte("state")
	timeKey       = []byte("time")
)

// A Store is the state file of one agent. Its methods may be called by several at once.
type Store struct{ db *bbolt.DB }

// Open opens the state file in a directory, which is made if need be. A file that cannot be read is renamed, and lost
// tells where it is and why; then the store is empty. The error is a *diag.Diagnostic: HRM0812.
func Open(ctx context.Context, dir string) (s *Store, lost *diag.Diagnostic, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, notKept(dir, err)
	}
	file := filepath.Join(dir, fileName)
	s, err = open(file)
	if err == nil {
		return s, nil, nil
	}
	if errors.Is(err, bbolterrors.ErrTimeout) || ctx.Err() != nil || !broken(err) {
		return nil, nil, notKept(file, err)
	}
	aside := fmt.Sprintf("%s.lost-%s", file, time.Now().UTC().Format("20060102T150405.000"))
	if moved := os.Rename(file, aside); moved != nil {
		return nil, nil, notKept(file, errors.Join(err, moved))
	}
	lost = diag.New(diag.StateLost, file).Saw(err.Error()).Note("it is kept as " + aside).Because(err)
	if s, err = open(file); err != nil {
		return nil, lost, notKept(file, err)
	}
	return s, lost, nil
}

// broken tells whether an error is about what stands in the file, rather than about the disk or the rights to it.
func broken(err error) bool {
	var path *os.PathError
	return !errors.As(err, &path)
}

// open opens a file, or begins one, and reads all of it once: what is broken is found now. One that could not be begun is taken
// away again, for the next attempt would take it for one that lost what it had.
func open(file string) (s *Store, err error) {
	_, missing := os.Stat(file)
	begins := errors.Is(missing, os.ErrNotExist)
	defer func() {
		if begins && err != nil && !errors.Is(err, bbolterrors.ErrTimeout) {
			_ = os.Remove(file) // what is left of it is put aside by the next attempt
		}
	}()
	// A file that was cut short is mapped further than it reaches; to touch that ends a process that does not ask otherwise.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var db *bbolt.DB
	defer func() {
		if p := recover(); p != nil {
			err = &corrupted{fmt.Sprint(p)}
		}
		if err != nil && db != nil {
			_ = db.Close() // it is put aside
		}
	}()
	if db, err = bbolt.Open(file, 0o600, &bbolt.Options{Timeout: lockLimit}); err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		if !begins && tx.Bucket(heldBucket) == nil {
			return &corrupted{"it is empty"} // bbolt makes a new one of what a power cut has emptied
		}
		for _, name := range [][]byte{heldBucket, releaseBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = db.View(func(tx *bbolt.Tx) error {
		for bad := range tx.Check() {
			return &corrupted{bad.Error()}
		}
		_, err := read(tx)
		return err
	})
	return &Store{db}, err
}

// corrupted says what is wrong with a file.
type corrupted struct{ what string }

func (c *corrupted) Error() string { return "the file is corrupted: " + c.what }

// Close ends the use of the file.
func (s *Store) Close() error { return s.db.Close() }

// Load gives what was saved last; the zero State when nothing was. The error is a *diag.Diagnostic: HRM0812.
func (s *Store) Load() (held decide.State, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		held, err = read(tx)
		return err
	})
	if err != nil {
		return decide.State{}, notKept(s.db.Path(), err)
	}
	return held, nil
}

// Save writes what is held to, and returns when it is on the disk. Releases that it does not name are dropped.
// The error is a *diag.Diagnostic: HRM0812.
func (s *Store) Save(held decide.State) error {
	data, err := json.Marshal(held)
	if err != nil {
		return notKept(s.db.Path(), err)
	}
	err = s.db.Update(func(tx *bbolt.Tx) error {
		if err := tx.Bucket(heldBucket).Put(stateKey, summed(data)); err != nil {
			return err
		}
		return prune(tx.Bucket(releaseBucket), held)
	})
	if err != nil {
		return notKept(s.db.Path(), err)
	}
	return nil
}

func prune(releases *bbolt.Bucket, held decide.State) error {
	named := map[string]bool{}
	for _, uid := range held.Living() {
		named[held.Records[uid].Digest.String()] = true
	}
	var unused [][]byte
	err := releases.ForEach(func(digest, _ []byte) error {
		if !named[string(digest)] {
			unused = append(unused, append([]byte{}, digest...))
		}
		return nil
	})
	for _, digest := range unused {
		err = errors.Join(err, releases.Delete(digest))
	}
	return err
}

func read(tx *bbolt.Tx) (held decide.State, err error) {
	value := tx.Bucket(heldBucket).Get(stateKey)
	if value == nil {
		return held, nil
	}
	data, whole := unsummed(value)
	if !whole {
		return held, &corrupted{"what is held to has another sum than it should"}
	}
	if err := json.Unmarshal(data, &held); err != nil {
		return held, &corrupted{err.Error()}
	}
	return held, nil
}

// summed puts the sum of data before it.
func summed(data []byte) []byte {
	sum := sha256.Sum256(data)
	return append(sum[:], data...)
}

// unsummed gives data without its sum, and whether that is the right one.
func unsummed(value []byte) (data []byte, whole bool) {
	if len(value) < sha256.Size {
		return nil, false
	}
	data = value[sha256.Size:]
	return data, sha256.Sum256(data) == [sha256.Size]byte(value[:sha256.Size])
}

// SaveTime keeps a time that has passed, to the second. The error is a *diag.Diagnostic: HRM0812.
func (s *Store) SaveTime(at time.Time) error {
	err := s.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(heldBucket).Put(timeKey, summed([]byte(at.UTC().Format(time.RFC3339))))
	})
	if err != nil {
		return notKept(s.db.Path(), err)
	}
	return nil
}

// Time gives what SaveTime kept last; zero when nothing was, or it cannot be read: no device waits for a time that never was.
func (s *Store) Time() (at time.Time) {
	_ = s.db.View(func(tx *bbolt.Tx) error { // a read cannot fail but by its function
		if text, whole := unsummed(tx.Bucket(heldBucket).Get(timeKey)); whole {
			at, _ = time.Parse(time.RFC3339, string(text)) // zero is no time, too
		}
		return nil
	})
	return at
}

// PutRelease keeps the body of a release until Save finds it unused. The error is a *diag.Diagnostic: HRM0812.
func (s *Store) PutRelease(digest contract.Digest, body []byte) error {
	err := s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(releaseBucket).Put([]byte(digest.String()), body) })
	if err != nil {
		return notKept(s.db.Path(), err)
	}
	return nil
}

// Release gives the body of a release, which is nil when it is not there or is not what its digest names.
func (s *Store) Release(digest contract.Digest) (body []byte) {
	_ = s.db.View(func(tx *bbolt.Tx) error { // a read cannot fail but by its function
		body = append(body, tx.Bucket(releaseBucket).Get([]byte(digest.String()))...)
		return nil
	})
	if contract.DigestOf(body) != digest {
		return nil
	}
	return body
}

func notKept(file string, err error) error {
	return diag.New(diag.StateNotKept, file).Saw(err.Error()).
		Try("make room on the disk, or give the agent's user the right to write there").Because(err)
}
