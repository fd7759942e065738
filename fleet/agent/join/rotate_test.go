// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package join_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/folder"
	"nationtech.io/harmony/fleet/agent/join"
	"nationtech.io/harmony/fleet/agent/minter"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/secret"
)

// joined is a device that has joined.
func joined(t *testing.T) (w *callouttest.World, dir string) {
	t.Helper()
	w = world(t, func(made *registry.JoinToken) { made.Automatic, made.Devices = true, []string{"press-07"} })
	dir = t.TempDir()
	j, _ := joining(t, w, "press-07", dir)
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w, dir
}

func profile(t *testing.T, dir string) config.Profile {
	t.Helper()
	c, err := config.Load(filepath.Join(dir, folder.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	return *c.Profile
}

// keys are the ids of a device's keys, as the issuer knows them.
func keys(t *testing.T, w *callouttest.World) (ids []string) {
	t.Helper()
	m, _, err := w.Issuer.Registry.Machine("press-07")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range m.Keys {
		ids = append(ids, k.ID)
	}
	return ids
}

func keyOf(t *testing.T, p config.Profile) string {
	t.Helper()
	k, err := p.Key()
	if err != nil {
		t.Fatal(err)
	}
	return k.ID
}

func TestAKeyIsChangedAndTheOldOneIsGoodNoMore(t *testing.T) {
	w, dir := joined(t)
	p := profile(t, dir)
	if err := os.Chmod(p.KeyFile(), 0o640); err != nil {
		t.Fatal(err)
	}
	old := keyOf(t, p)
	kept, err := os.ReadFile(p.KeyFile())
	if err != nil {
		t.Fatal(err)
	}
	var s said
	if err := join.Rotate(t.Context(), p, s.say); err != nil {
		t.Fatal(err)
	}
	now := keyOf(t, p)
	if now == old || !slices.Equal(keys(t, w), []string{now}) {
		t.Errorf("%s in place of %s, the issuer knows %v:\n%s", now, old, keys(t, w), &s)
	}
	if info, err := os.Stat(p.KeyFile()); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	connects(t, w, dir, "press-07")
	if err := os.WriteFile(p.KeyFile(), kept, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := minter.New(p, clock.New(clock.Machine{}, time.Time{})).Token(t.Context()); err == nil {
		t.Error("the old key still gets tokens")
	}
}

func TestAChangeOfKeysThatIsCutOffGoesOn(t *testing.T) {
	w, dir := joined(t)
	p := profile(t, dir)
	// The key was made, and the issuer was away.
	away := p
	away.Issuer = "http://127.0.0.1:1"
	is(t, join.Rotate(t.Context(), away, func(string) {}), diag.KeyNotRotated, "connection refused")
	next, err := folder.NextKey(p.KeyFile())
	if err != nil {
		t.Fatal(err)
	}
	connects(t, w, dir, "press-07")
	// The issuer knew it, and the device was cut off before it took the key: both are good.
	old, err := p.Key()
	if err != nil {
		t.Fatal(err)
	}
	tell(t, w, p, next, "")
	tell(t, w, p, next, "")
	if got := keys(t, w); !slices.Equal(got, []string{old.ID, next.Key.ID}) {
		t.Fatalf("the issuer knows %v", got)
	}
	if _, err := minter.New(p, clock.New(clock.Machine{}, time.Time{})).Token(t.Context()); err != nil {
		t.Error(err)
	}
	// It was cut off before the key was used: the agent's own connection takes the old one away.
	if err := next.Take(); err != nil {
		t.Fatal(err)
	}
	connects(t, w, dir, "press-07")
	if got := keys(t, w); !slices.Equal(got, []string{next.Key.ID}) {
		t.Errorf("the issuer knows %v", got)
	}
	if !strings.Contains(w.Log.String(), "was used in its place") {
		t.Error("the audit does not tell of it")
	}
	// Once more, with nothing left over.
	if err := join.Rotate(t.Context(), p, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, w); len(got) != 1 || got[0] == next.Key.ID {
		t.Errorf("the issuer knows %v", got)
	}
}

// tell tells the issuer of a key as Rotate does; speaks is the key that the assertion speaks of, if that is another.
func tell(t *testing.T, w *callouttest.World, p config.Profile, next folder.Next, speaks string) {
	t.Helper()
	if err := post(t.Context(), w, p, next, speaks); err != nil {
		t.Fatal(err)
	}
}

func post(ctx context.Context, w *callouttest.World, p config.Profile, next folder.Next, speaks string) error {
	old, err := p.Key()
	if err != nil {
		return err
	}
	if speaks == "" {
		speaks = next.Key.ID
	}
	_, err = (&minter.Provider{Issuer: w.Issuer.URL}).Post(ctx, contract.RotatePath, secret.Value{}, func(now time.Time) ([]byte, error) {
		said, err := old.Endorse("press-07", w.Issuer.URL+contract.RotatePath, speaks, now)
		if err != nil {
			return nil, err
		}
		return contract.RotateRequest{Assertion: said, Key: string(next.Key.Public())}.Encode()
	})
	return err
}

func TestChangesOfKeysThatAreRefused(t *testing.T) {
	w, dir := joined(t)
	p := profile(t, dir)
	next, err := folder.NextKey(p.KeyFile())
	if err != nil {
		t.Fatal(err)
	}
	if err := post(t.Context(), w, p, next, keyOf(t, p)); err == nil || !strings.Contains(err.Error(), "speaks of another key") {
		t.Errorf("a key that nobody vouched for: %v", err)
	}
	if _, err := w.Issuer.Registry.Revoke("press-07", time.Now()); err != nil {
		t.Fatal(err)
	}
	is(t, join.Rotate(t.Context(), p, func(string) {}), diag.KeyNotRotated, "this machine was revoked")
	if got := keys(t, w); !slices.Equal(got, []string{keyOf(t, p)}) {
		t.Errorf("the issuer knows %v", got)
	}
}
