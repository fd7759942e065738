// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"

	"nationtech.io/harmony/diag"
)

// trailer begins the last line of a backup, which ends with the SHA-256 of all before it: a file of the database that was
// cut off would end the process that opens it.
const trailer = "\nharmony issuer backup 1 "

const trailerBytes = int64(len(trailer) + 2*sha256.Size + 1)

// Reasons why a file is no backup.
var (
	ErrNoBackup = errors.New("it is no backup of an issuer, or was cut off")
	ErrDamaged  = errors.New("it was changed, or is damaged: its checksum does not fit")
)

// Backup writes the whole registry, as it was at one moment, and says first how many bytes that are. What is written
// holds private keys.
func (r *Registry) Backup(size func(int64), to io.Writer) error {
	return r.db.View(func(tx *bbolt.Tx) error {
		size(tx.Size() + trailerBytes)
		sum := sha256.New()
		if _, err := tx.WriteTo(io.MultiWriter(to, sum)); err != nil {
			return fmt.Errorf("write a backup: %w", err)
		}
		if _, err := fmt.Fprintf(to, "%s%x\n", trailer, sum.Sum(nil)); err != nil {
			return fmt.Errorf("write a backup: %w", err)
		}
		return nil
	})
}

// Restore puts a backup where a registry is to be. It refuses a file that is no whole backup, and never writes over a
// registry. Its error is a Diagnostic with the code RestoreRefused.
func Restore(backup, file string) error {
	unrestored := func(path string) *diag.Diagnostic { return diag.New(diag.RestoreRefused, path) }
	if _, err := os.Lstat(file); err == nil {
		return unrestored(file).Saw("there is a registry already").Try("move it away first, if it is to be replaced")
	}
	whole, err := os.ReadFile(backup)
	if err != nil {
		return unrestored(backup).Because(err)
	}
	data, err := stripped(whole)
	if err != nil {
		return unrestored(backup).Because(err)
	}
	if err := writeNew(file, data); err != nil {
		return unrestored(file).Because(err)
	}
	return nil
}

// stripped is a backup without its trailer, which it fits.
func stripped(whole []byte) ([]byte, error) {
	at := bytes.LastIndex(whole, []byte(trailer))
	if at < 0 || int64(len(whole)-at) != trailerBytes {
		return nil, ErrNoBackup
	}
	want, err := hex.DecodeString(string(whole[at+len(trailer) : len(whole)-1]))
	if sum := sha256.Sum256(whole[:at]); err != nil || !bytes.Equal(sum[:], want) {
		return nil, ErrDamaged
	}
	return whole[:at], nil
}

// writeNew makes a registry whole or not at all. What is there under its name is on the disk, and could be opened.
func writeNew(file string, data []byte) error {
	part := file + ".part"
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return fmt.Errorf("make it: %w", err)
	}
	_, err = out.Write(data)
	if err = errors.Join(err, out.Sync(), out.Close()); err == nil {
		err = checkPart(part)
	}
	if err == nil {
		err = os.Link(part, file) // fails if someone was faster
	}
	if err = errors.Join(err, os.Remove(part)); err != nil {
		return fmt.Errorf("write it: %w", err)
	}
	return syncFolder(file)
}

// checkPart opens what was written as what it shall be.
func checkPart(part string) error {
	r, err := Open(part)
	if err != nil {
		return err
	}
	return errors.Join(r.Check(), r.Close())
}
