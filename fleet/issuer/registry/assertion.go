// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// ErrUsed says that an assertion has been used before.
var ErrUsed = errors.New("the assertion has been used before")

// Use notes that an assertion was used, which is remembered until it expires, also over a restart. Its error is ErrUsed
// when it had been used before. Many at once share one write to the disk.
func (r *Registry) Use(machine, id string, expires time.Time) error {
	key := sha256.Sum256([]byte(machine + "\x00" + id))
	until := binary.BigEndian.AppendUint64(nil, uint64(max(expires.Unix(), 0)))
	return r.db.Batch(func(tx *bbolt.Tx) error {
		in := tx.Bucket(usedBucket)
		if in.Get(key[:]) != nil {
			return ErrUsed
		}
		if err := in.Put(key[:], until); err != nil {
			return fmt.Errorf("note an assertion: %w", err)
		}
		return nil
	})
}

// Forget drops the assertions that have expired by then, and gives how many.
func (r *Registry) Forget(now time.Time) (dropped int, err error) {
	err = r.db.Update(func(tx *bbolt.Tx) error {
		dropped = 0
		in := tx.Bucket(usedBucket)
		c := in.Cursor()
		for key, until := c.First(); key != nil; key, until = c.Next() {
			if len(until) == 8 && binary.BigEndian.Uint64(until) >= uint64(max(now.Unix(), 0)) {
				continue
			}
			if err := c.Delete(); err != nil {
				return fmt.Errorf("forget an assertion: %w", err)
			}
			dropped++
		}
		return nil
	})
	return dropped, err
}
