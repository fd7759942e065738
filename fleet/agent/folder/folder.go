// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package folder

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
)

// Installed is where the folder is on a device.
const Installed = "/etc/harmony-fleet-agent"

// The files of a folder.
const (
	KeyFile         = "key.pem"
	AuthoritiesFile = "ca.pem"
	ConfigFile      = "agent.toml"
	// IssuerAuthoritiesFile is there when the issuer's certificate is of other ones.
	IssuerAuthoritiesFile = "issuer-ca.pem"
)

const (
	private fs.FileMode = 0o600
	public  fs.FileMode = 0o644
)

// Folder is a folder that is written. Its errors are Diagnostics with the code FolderUnusable.
type Folder struct {
	Dir string
	// At is where it will be when the agent reads it: Dir itself, or Installed.
	At string
}

// Claim makes the folder, for its owner alone, if there is none, and makes sure that it is no other device's.
func (f Folder) Claim(device contract.DeviceID) error {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return unusable(f.Dir).Because(err)
	}
	text, err := os.ReadFile(f.path(ConfigFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return unusable(f.path(ConfigFile)).Because(err)
	}
	of, err := deviceOf(text)
	if err != nil {
		return unusable(f.path(ConfigFile)).Because(err).Try("move the file away, if it is no device's")
	}
	if of != device.String() {
		return unusable(f.Dir).Saw(fmt.Sprintf("it holds the files of %q", of)).Try("name another folder, or move the files away")
	}
	return nil
}

// Maker makes a key, and gives its PEM form: assertion.New, or NewRSA.
type Maker func() (assertion.Key, []byte, error)

// Key gives the key of the folder, and makes one if there is none. It is on the disk before it is given.
func (f Folder) Key(anew Maker) (key assertion.Key, made bool, err error) {
	return keyAt(f.path(KeyFile), anew)
}

func keyAt(file string, anew Maker) (key assertion.Key, made bool, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		made = true
		if key, text, err = anew(); err == nil {
			err = write(file, text, private)
		}
		if err != nil {
			return assertion.Key{}, false, unusable(file).Because(err)
		}
		return key, made, nil
	}
	if err == nil {
		key, err = assertion.Parse(text, "")
	}
	if err != nil {
		return assertion.Key{}, false, unusable(file).Because(err)
	}
	return key, false, nil
}

// HasKey tells whether there is a key in the folder.
func (f Folder) HasKey() bool {
	_, err := os.Lstat(f.path(KeyFile))
	return !errors.Is(err, fs.ErrNotExist)
}

// Write writes what a device was told, the configuration last: where that is, all is. It gives what it did with each
// file, for people. A configuration of this device that says something else is left as it is.
func (f Folder) Write(t Told) (did []string, err error) {
	for _, file := range t.authorities() {
		said, err := f.put(file.name, []byte(file.text))
		if err != nil {
			return did, err
		}
		did = append(did, said)
	}
	text, err := t.toml(f.At)
	if err != nil {
		return did, unusable(f.path(ConfigFile)).Because(err)
	}
	before, err := os.ReadFile(f.path(ConfigFile))
	if err == nil && !bytes.Equal(before, text) {
		return append(did, f.path(ConfigFile)+": left as it is, which is not what the fleet says; move it away to have it written anew"), nil
	}
	said, err := f.put(ConfigFile, text)
	if err != nil {
		return did, err
	}
	return append(did, said), nil
}

func (f Folder) put(name string, text []byte) (did string, err error) {
	to := f.path(name)
	before, err := os.ReadFile(to)
	switch {
	case err == nil && bytes.Equal(before, text):
		return to + ": left as it is", nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", unusable(to).Because(err)
	}
	if err := write(to, text, public); err != nil {
		return "", unusable(to).Because(err)
	}
	return to + ": written", nil
}

func (f Folder) path(name string) string { return filepath.Join(f.Dir, name) }

func unusable(path string) *diag.Diagnostic { return diag.New(diag.FolderUnusable, path) }

// write writes a file whole, and on the disk, or not at all.
func write(to string, text []byte, mode fs.FileMode) error {
	part, err := os.CreateTemp(filepath.Dir(to), ".new-")
	if err != nil {
		return fmt.Errorf("write it: %w", err)
	}
	defer func() { _ = os.Remove(part.Name()) }() // it is gone if all went well
	_, err = part.Write(text)
	if err = errors.Join(err, part.Chmod(mode), part.Sync(), part.Close()); err != nil {
		return fmt.Errorf("write it: %w", err)
	}
	if err := os.Rename(part.Name(), to); err != nil {
		return fmt.Errorf("write it: %w", err)
	}
	return kept(filepath.Dir(to))
}

// kept makes sure that what a directory lists is on the disk.
func kept(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write its folder to the disk: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("write its folder to the disk: %w", err)
	}
	return nil
}
