// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// markerFile tells that a directory is an export, and of what. It ends in nothing that kubectl would apply.
const markerFile = ".harmony-export"

// A marker is what is in a markerFile.
type marker struct {
	Component string   `json:"component"`
	Namespace string   `json:"namespace"`
	Format    string   `json:"format"`
	Files     []string `json:"files"`
}

// earlier is what a directory has before an export is written to it.
type earlier struct {
	dir         string
	exists      bool // the directory
	there       bool // an earlier export in it
	marker      marker
	credentials map[kube.Credential]secret.Value
}

// look sees that the directory has nothing in it but an earlier export of the same component, and what to keep of that.
func look(dir string, want marker) (earlier, error) {
	if dir == "" {
		return earlier{}, diag.New(diag.BadFlag, "--to").Saw("no directory is given")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return earlier{}, unusable(dir, err)
	}
	e := earlier{dir: dir, credentials: map[kube.Credential]secret.Value{}}
	found, err := list(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return e, nil
	}
	if err != nil {
		return e, unusable(dir, err).Saw(err.Error())
	}
	if e.exists = true; len(found) == 0 {
		return e, nil
	}
	e.there = true
	file, err := os.ReadFile(filepath.Join(dir, markerFile))
	if err == nil {
		err = json.Unmarshal(file, &e.marker)
	}
	if err != nil {
		return e, unusable(dir, err).Saw("it is not empty, and no earlier export").Try("name a directory that does not exist yet, or is empty")
	}
	if m := e.marker; m.Component != want.Component || m.Namespace != want.Namespace {
		return e, unusable(dir, nil).Saw(fmt.Sprintf("it has the export of %s in the namespace %s", m.Component, m.Namespace)).
			Try("name another directory")
	}
	for _, name := range found {
		if name != markerFile && !slices.Contains(e.marker.Files, name) {
			return e, unusable(dir, nil).Saw(name + " is not of the earlier export, and would be lost").Try("put it elsewhere; what exports write is replaced as a whole")
		}
	}
	return e, e.recall()
}

// list gives the names of all files below a directory, relative to it.
func list(dir string) (names []string, err error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "list", Path: dir, Err: syscall.ENOTDIR}
	}
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	return names, err
}

func unusable(dir string, err error) *diag.Diagnostic {
	d := diag.New(diag.BadFlag, "--to").Because(err)
	d.Note(dir + " is left as it is")
	return d
}

// credential is the value that the earlier export has, or a new one, which is kept from then on.
func (e earlier) credential(id kube.Credential) secret.Value {
	if value, kept := e.credentials[id]; kept {
		return value
	}
	return secret.Random()
}

// replace puts the files into the place of the directory, all of them or none: they are written beside it, and renamed.
func (e earlier) replace(m marker, files []File) error {
	if err := os.MkdirAll(filepath.Dir(e.dir), 0o755); err != nil {
		return unusable(e.dir, err).Saw(err.Error())
	}
	beside, err := os.MkdirTemp(filepath.Dir(e.dir), "."+filepath.Base(e.dir)+"-")
	if err != nil {
		return unusable(e.dir, err).Saw(err.Error())
	}
	kept := false
	defer func() {
		if !kept {
			_ = os.RemoveAll(beside) // nothing of use is left there
		}
	}()
	draft, old := filepath.Join(beside, "new"), filepath.Join(beside, "old")
	if err := write(draft, m, files); err != nil {
		return unusable(e.dir, err).Saw(err.Error())
	}
	if e.exists {
		if err := os.Rename(e.dir, old); err != nil {
			return unusable(e.dir, err).Saw(err.Error())
		}
	}
	if err := os.Rename(draft, e.dir); err != nil {
		d := diag.New(diag.BadFlag, "--to").Because(err).Saw(err.Error())
		if e.exists && os.Rename(old, e.dir) != nil {
			kept = true
			return d.Note("the earlier export, with its credentials, is now " + old)
		}
		return d.Note(e.dir + " is left as it is")
	}
	return nil
}

func write(dir string, m marker, files []File) error {
	for _, f := range files {
		m.Files = append(m.Files, f.Name)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", markerFile, err)
	}
	for _, f := range append(slices.Clone(files), File{Name: markerFile, Text: append(text, '\n')}) {
		path, mode := filepath.Join(dir, filepath.FromSlash(f.Name)), fs.FileMode(0o644)
		if f.Secret {
			mode = 0o600
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.Text, mode); err != nil {
			return err
		}
	}
	return nil
}

// clean makes of words a name that any file may have.
func clean(words ...string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(strings.Join(words, "-")))
}
