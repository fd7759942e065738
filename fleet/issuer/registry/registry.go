// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"nationtech.io/harmony/diag"
)

// lockLimit is how long another process may hold the file.
const lockLimit = 2 * time.Second

// fileMode lets the owner alone read and write.
const fileMode fs.FileMode = 0o600

var (
	aboutBucket    = []byte("about")
	machineBucket  = []byte("machines")
	personBucket   = []byte("people")
	keyBucket      = []byte("keys")
	usedBucket     = []byte("assertions")
	tokenBucket    = []byte("join tokens")
	joinBucket     = []byte("joins")
	versionKey     = []byte("version")
	currentVersion = []byte("1")
)

// Registry is an open registry. It is safe for concurrent use.
type Registry struct {
	db *bbolt.DB
	// iterations is how dear the hash of a password is.
	iterations int
}

// Open opens the registry in file, and makes it if there is none. Its error is a Diagnostic with the code RegistryUnusable.
func Open(file string) (*Registry, error) {
	if info, err := os.Stat(file); err == nil && info.Mode().Perm()&0o077 != 0 {
		return nil, unusable(file, nil).Saw(fmt.Sprintf("others may reach it: its mode is %04o", info.Mode().Perm())).Try("chmod 600 " + file)
	}
	db, err := bbolt.Open(file, fileMode, &bbolt.Options{Timeout: lockLimit})
	if errors.Is(err, bbolt.ErrTimeout) { //nolint:staticcheck // the name that bbolt gives it
		return nil, unusable(file, err).Saw("another process has it open")
	}
	if err != nil {
		return nil, unusable(file, err)
	}
	if err := db.Update(prepare); err != nil {
		return nil, errors.Join(unusable(file, err), db.Close())
	}
	return &Registry{db: db, iterations: passwordIterations}, nil
}

func unusable(file string, cause error) *diag.Diagnostic {
	d := diag.New(diag.RegistryUnusable, file)
	if cause != nil {
		d = d.Because(cause)
	}
	return d
}

// prepare makes what a new file lacks, and refuses one of a later version.
func prepare(tx *bbolt.Tx) error {
	for _, name := range [][]byte{aboutBucket, machineBucket, personBucket, keyBucket, usedBucket, tokenBucket, joinBucket} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return fmt.Errorf("make bucket %s: %w", name, err)
		}
	}
	about := tx.Bucket(aboutBucket)
	switch version := about.Get(versionKey); {
	case version == nil:
		return about.Put(versionKey, currentVersion)
	case !bytes.Equal(version, currentVersion):
		return &VersionError{Version: string(version)}
	}
	return nil
}

// VersionError says that a registry is of a version that this program does not know.
type VersionError struct{ Version string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("it is of version %q, and this program knows %s", e.Version, currentVersion)
}

// Close closes the file.
func (r *Registry) Close() error {
	if err := r.db.Close(); err != nil {
		return fmt.Errorf("close the registry: %w", err)
	}
	return nil
}

// Check tells whether it can be read.
func (r *Registry) Check() error {
	return r.db.View(func(tx *bbolt.Tx) error {
		_, err := load[Machine](tx.Bucket(machineBucket), "")
		return err
	})
}

// load gives the value under a name; nil if there is none.
func load[T any](in *bbolt.Bucket, name string) (*T, error) {
	data := in.Get([]byte(name))
	if data == nil {
		return nil, nil //nolint:nilnil // nothing is stored, and that is no error
	}
	v := new(T)
	if err := json.Unmarshal(data, v); err != nil {
		return nil, fmt.Errorf("read %q: %w", name, err)
	}
	return v, nil
}

func save[T any](in *bbolt.Bucket, name string, v T) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %q: %w", name, err)
	}
	if err := in.Put([]byte(name), data); err != nil {
		return fmt.Errorf("write %q: %w", name, err)
	}
	return nil
}

// all gives everything in a bucket, in the order of names.
func all[T any](in *bbolt.Bucket) (values []T, err error) {
	err = in.ForEach(func(name, _ []byte) error {
		v, err := load[T](in, string(name))
		if err == nil {
			values = append(values, *v)
		}
		return err
	})
	return values, err
}
