// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/secret"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) (*registry.Registry, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "registry")
	r, err := registry.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r, file
}

func newKey(t *testing.T) *registry.Key {
	t.Helper()
	private, _, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	k, err := registry.ParseKey(private.Public())
	if err != nil || k.ID != private.ID {
		t.Fatalf("%v: %q and %q", err, k.ID, private.ID)
	}
	return &k
}

func has(err error, code diag.Code) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && d.Code == code
}

func device() []contract.Role { return []contract.Role{contract.RoleDevice} }

func TestEnrollingTwiceChangesNothing(t *testing.T) {
	r, _ := open(t)
	key := newKey(t)
	first, err := r.Enrol("press-07", device(), key, now)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.Enrol("press-07", device(), key, now.Add(time.Hour))
	if err != nil || len(second.Keys) != 1 || !second.Enrolled.Equal(first.Enrolled) {
		t.Errorf("%v: %+v", err, second)
	}
}

func TestARevokedMachineComesBackWithAnotherKeyOnly(t *testing.T) {
	r, _ := open(t)
	old, fresh := newKey(t), newKey(t)
	if _, err := r.Enrol("press-07", device(), old, now); err != nil {
		t.Fatal(err)
	}
	if m, err := r.Revoke("press-07", now); err != nil || m.Active() {
		t.Fatalf("%v: %+v", err, m)
	}
	for name, key := range map[string]*registry.Key{"its old key": old, "no key": nil} {
		if _, err := r.Enrol("press-07", device(), key, now); !has(err, diag.EnrolmentRefused) {
			t.Errorf("%s brings it back: %v", name, err)
		}
	}
	if m, _, err := r.Machine("press-07"); err != nil || m.Active() {
		t.Errorf("a refused enrolment changed it: %v, %+v", err, m)
	}
	m, err := r.Enrol("press-07", device(), fresh, now)
	if err != nil || !m.Active() || len(m.Keys) != 1 || m.Keys[0].ID != fresh.ID {
		t.Errorf("%v: %+v", err, m)
	}
}

func TestKeysRotate(t *testing.T) {
	r, _ := open(t)
	old, fresh := newKey(t), newKey(t)
	for _, k := range []*registry.Key{old, fresh} {
		if _, err := r.Enrol("press-07", device(), k, now); err != nil {
			t.Fatal(err)
		}
	}
	m, err := r.Retire("press-07", old.ID)
	if _, still := m.Key(old.ID); err != nil || still {
		t.Errorf("%v: %+v", err, m)
	}
	if _, err := r.Enrol("press-07", device(), old, now); !has(err, diag.EnrolmentRefused) {
		t.Errorf("a key that was retired is back: %v", err)
	}
	for range registry.MaxKeys - 1 {
		if _, err := r.Enrol("press-07", device(), newKey(t), now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Enrol("press-07", device(), newKey(t), now); !has(err, diag.EnrolmentRefused) {
		t.Errorf("one key too many: %v", err)
	}
}

func TestMachinesThatCannotBe(t *testing.T) {
	r, _ := open(t)
	for name, roles := range map[string][]contract.Role{
		"Press": device(), "a.b": device(), "*": device(), "": device(), "none": {}, "odd": {"administrator"},
		"both": {contract.RoleDevice, contract.RoleOperator},
	} {
		if _, err := r.Enrol(name, roles, newKey(t), now); !has(err, diag.EnrolmentRefused) {
			t.Errorf("%q with %v: %v", name, roles, err)
		}
	}
	if _, err := r.Revoke("nobody", now); !has(err, diag.EnrolmentRefused) {
		t.Errorf("nobody is revoked: %v", err)
	}
	if _, err := r.NewSecret("nobody"); !has(err, diag.EnrolmentRefused) {
		t.Errorf("nobody has a secret: %v", err)
	}
	if l, err := r.Machines(); err != nil || len(l) != 0 {
		t.Errorf("%v: %+v", err, l)
	}
	if _, err := registry.ParseKey([]byte("no key")); !has(err, diag.EnrolmentRefused) {
		t.Error(err)
	}
}

func TestAnAssertionIsUsedOnceAlsoByManyAtOnceAndAfterARestart(t *testing.T) {
	r, file := open(t)
	var good sync.Map
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if err := r.Use("press-07", "a", now.Add(time.Minute)); err == nil {
				good.Store(i, true)
			} else if !errors.Is(err, registry.ErrUsed) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	count := 0
	good.Range(func(any, any) bool { count++; return true })
	if count != 1 {
		t.Errorf("it was good %d times", count)
	}
	if err := r.Use("oven-11", "a", now.Add(time.Minute)); err != nil {
		t.Errorf("another machine's: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := registry.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n, err := again.Forget(now); n != 0 || err != nil {
		t.Errorf("%d that are still good were forgotten, %v", n, err)
	}
	if err := again.Use("press-07", "a", now); !errors.Is(err, registry.ErrUsed) {
		t.Errorf("after a restart: %v", err)
	}
	if n, err := again.Forget(now.Add(time.Hour)); n != 2 || err != nil {
		t.Errorf("%d were forgotten, %v", n, err)
	}
}

func TestPasswords(t *testing.T) {
	r, _ := open(t)
	good := secret.New("correct horse battery")
	if err := r.SetPerson("ann@example.com", []contract.Role{contract.RoleReader}, good, now); err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{good.Reveal(): true, "correct horse batterx": false, "": false} {
		if got, err := r.SignIn("ann@example.com", password); got != want || err != nil {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
	if got, err := r.SignIn("nobody", good.Reveal()); got || err != nil {
		t.Errorf("nobody signed in: %v", err)
	}
	for name, err := range map[string]error{
		"short":       r.SetPerson("bob", []contract.Role{contract.RoleReader}, secret.New("short"), now),
		"a device":    r.SetPerson("bob", device(), good, now),
		"no role":     r.SetPerson("bob", nil, good, now),
		"a bad name":  r.SetPerson("Bob <b>", []contract.Role{contract.RoleReader}, good, now),
		"not removed": r.RemovePerson("bob"),
	} {
		if !has(err, diag.EnrolmentRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := r.RemovePerson("ann@example.com"); err != nil {
		t.Error(err)
	}
	if l, err := r.People(); len(l) != 0 || err != nil {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestWhichKeySigns(t *testing.T) {
	s := registry.Schedule{Lead: 5 * time.Minute, Keep: 15 * time.Minute}
	key := func(id string, age time.Duration) registry.SigningKey {
		return registry.SigningKey{ID: id, Made: now.Add(-age)}
	}
	for name, c := range map[string]struct {
		keys      []registry.SigningKey
		signer    string
		published string
	}{
		"the first signs at once":                     {[]registry.SigningKey{key("a", 0)}, "a", "a"},
		"a new one is published first":                {[]registry.SigningKey{key("b", time.Minute), key("a", time.Hour)}, "a", "ab"},
		"then it signs, and the old one is published": {[]registry.SigningKey{key("a", time.Hour), key("b", 5*time.Minute)}, "b", "ab"},
		"then the old one is gone":                    {[]registry.SigningKey{key("a", time.Hour), key("b", 20*time.Minute)}, "b", "b"},
		"two rotations in a row":                      {[]registry.SigningKey{key("a", time.Hour), key("b", 6*time.Minute), key("c", time.Minute)}, "b", "abc"},
	} {
		got := s.At(c.keys, now)
		published := ""
		for _, k := range got.Published {
			published += k.ID
		}
		if got.Signer.ID != c.signer || published != c.published {
			t.Errorf("%s: %s of %s", name, got.Signer.ID, published)
		}
	}
}

func TestABackupIsRestoredWhole(t *testing.T) {
	r, file := open(t)
	key := newKey(t)
	if _, err := r.Enrol("press-07", device(), key, now); err != nil {
		t.Fatal(err)
	}
	keys, err := r.SigningKeys(now)
	if err != nil {
		t.Fatal(err)
	}
	var data bytes.Buffer
	said := int64(0)
	if err := r.Backup(func(n int64) { said = n }, &data); err != nil || said != int64(data.Len()) {
		t.Fatalf("%v: %d bytes of %d", err, data.Len(), said)
	}
	dir := t.TempDir()
	backup, restored := filepath.Join(dir, "backup"), filepath.Join(dir, "restored")
	write := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(backup, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, bad := range map[string][]byte{
		"half of it": data.Bytes()[:data.Len()/2], "nothing": {}, "something else": []byte("hello"),
		"one byte of another": append([]byte{data.Bytes()[0] + 1}, data.Bytes()[1:]...),
	} {
		write(bad)
		if err := registry.Restore(backup, restored); !has(err, diag.RestoreRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(restored); err == nil {
		t.Error("a backup that was refused was restored")
	}
	write(data.Bytes())
	if err := registry.Restore(backup, file); !has(err, diag.RestoreRefused) {
		t.Errorf("a registry was written over: %v", err)
	}
	if err := registry.Restore(backup, restored); err != nil {
		t.Fatal(err)
	}
	again, err := registry.Open(restored)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	m, found, err := again.Machine("press-07")
	if err != nil || !found || len(m.Keys) != 1 {
		t.Errorf("%v: %+v", err, m)
	}
	if same, err := again.SigningKeys(now); err != nil || len(same) != 1 || same[0].ID != keys[0].ID {
		t.Errorf("%v: %d keys", err, len(same))
	}
}

func TestRegistriesThatAreNotOpened(t *testing.T) {
	_, file := open(t)
	if _, err := registry.Open(file); !has(err, diag.RegistryUnusable) {
		t.Errorf("opened twice: %v", err)
	}
	readable := filepath.Join(t.TempDir(), "readable")
	if err := os.WriteFile(readable, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := registry.Open(readable); !has(err, diag.RegistryUnusable) {
		t.Errorf("others may read it: %v", err)
	}
	later := filepath.Join(t.TempDir(), "later")
	db, err := bbolt.Open(later, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("about"))
		if err != nil {
			return err
		}
		return b.Put([]byte("version"), []byte("2"))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	var version *registry.VersionError
	if _, err := registry.Open(later); !errors.As(err, &version) {
		t.Errorf("a later version: %v", err)
	}
}
