// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// backedUp is an open registry that knows press-07 and oven-11, and a backup of it from before oven-11.
func backedUp(t *testing.T) (*registry.Registry, string, []byte) {
	t.Helper()
	r, file := open(t)
	if _, err := r.Enrol("press-07", device(), newKey(t), now); err != nil {
		t.Fatal(err)
	}
	var backup bytes.Buffer
	if err := r.Backup(func(int64) {}, &backup); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Enrol("oven-11", device(), newKey(t), now); err != nil {
		t.Fatal(err)
	}
	return r, file, backup.Bytes()
}

// knows opens a registry, and tells who is in it.
func knows(t *testing.T, file string) (names []string) {
	t.Helper()
	r, err := registry.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all, err := r.Machines()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		names = append(names, m.Name)
	}
	return names
}

func TestABackupTakesThePlaceOfARegistryAtTheNextStart(t *testing.T) {
	r, file, backup := backedUp(t)
	if err := r.Use("press-07", "an assertion", now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // who tries again gets the same
		if err := r.Replace(backup); err != nil {
			t.Fatal(err)
		}
	}
	if _, found, err := r.Machine("oven-11"); err != nil || !found {
		t.Errorf("a registry that is open is another one: %v", err)
	}
	if _, err := registry.TakeOver(file); !has(err, diag.RegistryUnusable) {
		t.Errorf("a registry that is open was taken away: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		if got, err := registry.TakeOver(file); err != nil || got != want {
			t.Fatalf("taken over %v: %v", got, err)
		}
	}
	if got := knows(t, file); len(got) != 1 || got[0] != "press-07" {
		t.Errorf("it knows %v", got)
	}
	if got := knows(t, file+".former"); len(got) != 2 {
		t.Errorf("the former one knows %v", got)
	}
	again, err := registry.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Use("press-07", "an assertion", now.Add(time.Minute)); !errors.Is(err, registry.ErrUsed) {
		t.Errorf("an assertion is good twice: %v", err)
	}
}

func TestATakeoverThatWasCutOffIsDoneAgain(t *testing.T) {
	r, file, backup := backedUp(t)
	if err := errors.Join(r.Replace(backup), r.Close(), os.Rename(file, file+".former")); err != nil {
		t.Fatal(err)
	}
	if got, err := registry.TakeOver(file); err != nil || !got {
		t.Fatalf("taken over %v: %v", got, err)
	}
	if got := knows(t, file); len(got) != 1 {
		t.Errorf("it knows %v", got)
	}
}

func TestWhatIsNoBackupTakesNoPlace(t *testing.T) {
	r, file, backup := backedUp(t)
	for name, bad := range map[string][]byte{"half of it": backup[:len(backup)/2], "nothing": {}, "something else": []byte("hello")} {
		if err := r.Replace(bad); !has(err, diag.RestoreRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := registry.TakeOver(file); err != nil || got || len(knows(t, file)) != 2 {
		t.Errorf("taken over %v: %v", got, err)
	}
}
