// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"os"
	"strings"

	"nationtech.io/harmony/secret"
)

// FileError says why a file cannot hold a secret.
type FileError struct {
	File  string
	Rule  string
	Cause error
}

func (e *FileError) Error() string { return fmt.Sprintf("%s: %s", e.File, e.Rule) }

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Cause }

// Password gives the password. One in a file is read anew each time, so that it
// can be changed while the agent runs. Its error is a *FileError.
func (u UserPass) Password() (secret.Value, error) {
	if u.passwordFile == "" {
		return u.password, nil
	}
	return u.read()
}

func (u UserPass) read() (secret.Value, error) {
	if err := checkPrivate(u.passwordFile); err != nil {
		return secret.Value{}, err
	}
	data, err := os.ReadFile(u.passwordFile)
	if err != nil {
		return secret.Value{}, &FileError{u.passwordFile, reason(err), err}
	}
	password := secret.New(strings.TrimRight(string(data), "\r\n"))
	if password.IsZero() {
		return secret.Value{}, &FileError{File: u.passwordFile, Rule: "is empty"}
	}
	return password, nil
}

// checkPrivate refuses a file that others can reach. It looks at the file itself,
// behind all links: a mounted Secret is a link (always 0777) into a directory
// that anyone may list, and only the mode of the file at the end protects it.
// The owner and the group may read: with fsGroup the kubelet hands the file to
// root and the Pod's group, 0440.
func checkPrivate(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return &FileError{file, reason(err), err}
	}
	if !info.Mode().IsRegular() {
		return &FileError{File: file, Rule: "is no regular file"}
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return &FileError{File: file, Rule: fmt.Sprintf("is open to others (mode %04o); chmod o= it, or give the Secret's volume defaultMode 0440", mode)}
	}
	return nil
}
