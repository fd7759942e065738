// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// declared is a machine as one declares it, and the id of its key.
func declared(t *testing.T, name string) (registry.Declaration, string) {
	t.Helper()
	private, _, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	return registry.Declaration{Name: name, Roles: device(), Key: string(private.Public())}, private.ID
}

func keys(t *testing.T, r *registry.Registry, name string) (ids []string) {
	t.Helper()
	m, _, err := r.Machine(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range m.Keys {
		ids = append(ids, k.ID)
	}
	return ids
}

func declare(t *testing.T, r *registry.Registry, list ...registry.Declaration) {
	t.Helper()
	if err := r.Declare(list, now); err != nil {
		t.Fatal(err)
	}
}

func TestADeclaredMachineHasItsKeyForAsLongAsItIsDeclared(t *testing.T) {
	r, _ := open(t)
	one, key := declared(t, "press-07")
	other, _ := declared(t, "press-08")
	for range 2 {
		declare(t, r, one, other)
		if got := keys(t, r, "press-07"); !slices.Equal(got, []string{key}) {
			t.Fatalf("it has the keys %v", got)
		}
	}
	declare(t, r, other)
	if got := keys(t, r, "press-07"); len(got) > 0 {
		t.Errorf("it is no longer declared, and has the keys %v", got)
	}
	declare(t, r, one)
	if got := keys(t, r, "press-07"); !slices.Equal(got, []string{key}) {
		t.Errorf("it is declared again, and has the keys %v", got)
	}
	again, next := declared(t, "press-07")
	declare(t, r, again)
	if got := keys(t, r, "press-07"); !slices.Equal(got, []string{next}) {
		t.Errorf("another key is declared, and it has %v", got)
	}
}

func TestADeclarationLeavesWhatWasEnrolled(t *testing.T) {
	r, _ := open(t)
	own := newKey(t)
	if _, err := r.Enrol("press-07", device(), own, now); err != nil {
		t.Fatal(err)
	}
	one, key := declared(t, "press-07")
	declare(t, r, one)
	if got := keys(t, r, "press-07"); !slices.Equal(got, []string{own.ID, key}) {
		t.Errorf("it has the keys %v", got)
	}
	declare(t, r)
	if got := keys(t, r, "press-07"); !slices.Equal(got, []string{own.ID}) {
		t.Errorf("it has the keys %v", got)
	}
}

func TestADeclarationDoesNotBringBackWhatWasRevoked(t *testing.T) {
	r, _ := open(t)
	one, _ := declared(t, "press-07")
	declare(t, r, one)
	if _, err := r.Revoke("press-07", now); err != nil {
		t.Fatal(err)
	}
	active := func() bool {
		m, _, err := r.Machine("press-07")
		if err != nil {
			t.Fatal(err)
		}
		return m.Active()
	}
	if declare(t, r, one); active() {
		t.Error("it is back with the key that it had")
	}
	another, _ := declared(t, "press-07")
	if declare(t, r, another); !active() {
		t.Error("it does not come back with another key")
	}
}

func TestNothingIsDeclaredIfOneCannotBe(t *testing.T) {
	r, _ := open(t)
	good, _ := declared(t, "press-07")
	for name, bad := range map[string]registry.Declaration{
		"no name": {Roles: device(), Key: good.Key}, "no role": {Name: "a", Key: good.Key}, "no key": {Name: "a", Roles: device()},
		"a role that there is not": {Name: "a", Roles: []contract.Role{"king"}, Key: good.Key}, "twice": good,
	} {
		if err := r.Declare([]registry.Declaration{good, bad}, now); !has(err, diag.EnrolmentRefused) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, found, _ := r.Machine("press-07"); found {
			t.Fatalf("%s: the other one was declared", name)
		}
	}
}

// An issuer that does not start because of one machine locks out all of them.
func TestADeclaredKeyThatWasTakenDoesNotComeBackAndStopsNobody(t *testing.T) {
	r, _ := open(t)
	one, key := declared(t, "press-07")
	full, last := declared(t, "press-08")
	declare(t, r, one)
	if _, err := r.Retire("press-07", key); err != nil {
		t.Fatal(err)
	}
	for range registry.MaxKeys {
		if _, err := r.Enrol("press-08", device(), newKey(t), now); err != nil {
			t.Fatal(err)
		}
	}
	declare(t, r, one, full)
	if got := keys(t, r, "press-07"); len(got) > 0 {
		t.Errorf("it has the keys %v", got)
	}
	if got := keys(t, r, "press-08"); len(got) != registry.MaxKeys+1 || got[registry.MaxKeys] != last {
		t.Errorf("it has the keys %v", got)
	}
	another, next := declared(t, "press-07")
	if declare(t, r, another); !slices.Equal(keys(t, r, "press-07"), []string{next}) {
		t.Error("it does not come back with another key")
	}
	if declare(t, r, one); len(keys(t, r, "press-07")) > 0 {
		t.Error("what is no longer declared stays beside a key that was taken")
	}
}

// Whoever has seen the key cannot lock out its owner, who has no other place to put one.
func TestADeclaredKeyIsChangedWhereItIsDeclared(t *testing.T) {
	r, _ := open(t)
	one, key := declared(t, "press-07")
	declare(t, r, one)
	if _, err := r.Rotate("press-07", key, *newKey(t)); !has(err, diag.EnrolmentRefused) {
		t.Errorf("got %v", err)
	}
	if got := keys(t, r, "press-07"); !slices.Equal(got, []string{key}) {
		t.Errorf("it has the keys %v", got)
	}
}
