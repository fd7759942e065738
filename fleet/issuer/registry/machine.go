// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/secret"
)

// MaxKeys is how many public keys a machine may have at once: an old and a new one while they rotate, and some to spare.
const MaxKeys = 4

// Machine is a user that is no person. A device is a machine with that role; its name is the device's id.
type Machine struct {
	Name     string          `json:"name"`
	Roles    []contract.Role `json:"roles"`
	Keys     []Key           `json:"keys"`
	Enrolled time.Time       `json:"enrolled"`
	// Revoked is when it lost all rights; zero while it has them.
	Revoked time.Time `json:"revoked,omitzero"`
	// Retired are the ids of keys that were taken from it. They do not come back.
	Retired []string `json:"retired,omitempty"`
	// Declared is the id of the key that it has by Declare; empty when it has none.
	Declared string `json:"declared,omitempty"`
	// Secret is the digest of its client secret; empty when it has none.
	Secret []byte `json:"secret,omitempty"`
}

// Active tells whether it has its rights.
func (m Machine) Active() bool { return m.Revoked.IsZero() }

// Key gives the public key with that id.
func (m Machine) Key(id string) (Key, bool) {
	i := slices.IndexFunc(m.Keys, func(k Key) bool { return k.ID == id })
	if i < 0 {
		return Key{}, false
	}
	return m.Keys[i], true
}

// HasSecret tells whether that is its client secret.
func (m Machine) HasSecret(text string) bool {
	sum := sha256.Sum256([]byte(text))
	return len(m.Secret) > 0 && subtle.ConstantTimeCompare(sum[:], m.Secret) == 1
}

// Machine gives the machine of that name, and whether there is one.
func (r *Registry) Machine(name string) (m Machine, found bool, err error) {
	err = r.db.View(func(tx *bbolt.Tx) error {
		stored, err := load[Machine](tx.Bucket(machineBucket), name)
		if stored != nil {
			m, found = *stored, true
		}
		return err
	})
	return m, found, err
}

// Machines gives all machines in the order of their names.
func (r *Registry) Machines() (list []Machine, err error) {
	err = r.db.View(func(tx *bbolt.Tx) error {
		list, err = all[Machine](tx.Bucket(machineBucket))
		return err
	})
	return list, err
}

// Enrol makes a machine, or gives one that exists these roles and, beside its own, this key. Doing it again changes
// nothing. A machine that was revoked comes back with a key that it never had, and with that alone. What cannot be
// enrolled is a Diagnostic with the code EnrolmentRefused.
func (r *Registry) Enrol(name string, roles []contract.Role, key *Key, now time.Time) (Machine, error) {
	roles = slices.Compact(slices.Sorted(slices.Values(roles)))
	if err := checkMachine(name, roles); err != nil {
		return Machine{}, err
	}
	return r.change(name, enrolled(name, roles, key, now))
}

// enrolled makes of a machine, or of none, one that has these roles and this key.
func enrolled(name string, roles []contract.Role, key *Key, now time.Time) func(*Machine) error {
	return func(m *Machine) error {
		if m.Name == "" {
			*m = Machine{Name: name, Enrolled: now.UTC()}
		}
		m.Roles = roles
		if !m.Active() {
			m.retire(func(Key) bool { return true })
			m.Secret = nil
		}
		if key != nil {
			if err := m.add(*key); err != nil {
				return err
			}
		}
		if !m.Active() && len(m.Keys) == 0 {
			return refused(name).Saw("it was revoked, and a new key is needed for it to come back")
		}
		m.Revoked = time.Time{}
		return nil
	}
}

func checkMachine(name string, roles []contract.Role) error {
	if _, err := contract.ParseDeviceID(name); err != nil {
		return refused(name).Because(err)
	}
	if len(roles) == 0 {
		return refused(name).Saw("it has no role")
	}
	for _, role := range roles {
		if !role.Known() {
			return refused(name).Saw(fmt.Sprintf("there is no role %q", role))
		}
	}
	if slices.Contains(roles, contract.RoleDevice) && len(roles) > 1 {
		return refused(name).Saw("a device has no other role")
	}
	return nil
}

func refused(name string) *diag.Diagnostic { return diag.New(diag.EnrolmentRefused, name) }

func (m *Machine) add(k Key) error {
	switch {
	case slices.Contains(m.Retired, k.ID):
		return refused(m.Name).Saw("the key " + k.ID + " was taken from it before")
	case slices.ContainsFunc(m.Keys, func(has Key) bool { return has.ID == k.ID }):
		return nil
	case len(m.Keys) == MaxKeys:
		return refused(m.Name).Saw(fmt.Sprintf("it has %d keys already", MaxKeys)).Try("retire one")
	}
	m.Keys = append(m.Keys, k)
	return nil
}

// retire takes the keys of which that holds, for ever.
func (m *Machine) retire(which func(Key) bool) {
	for _, k := range m.Keys {
		if which(k) {
			m.Retired = append(m.Retired, k.ID)
		}
	}
	m.Keys = slices.DeleteFunc(m.Keys, which)
}

// Retire takes a key from a machine. It does not come back.
func (r *Registry) Retire(name, key string) (Machine, error) {
	return r.change(name, func(m *Machine) error {
		if _, has := m.Key(key); !has {
			return refused(name).Saw("it has no key " + key)
		}
		m.retire(func(k Key) bool { return k.ID == key })
		return nil
	})
}

// Revoke takes all rights from a machine. Its keys are kept, so that whoever has one is told that it was revoked.
func (r *Registry) Revoke(name string, now time.Time) (Machine, error) {
	return r.change(name, func(m *Machine) error {
		if m.Name == "" {
			return refused(name).Saw("there is no machine of that name")
		}
		if m.Active() {
			m.Revoked = now.UTC()
		}
		return nil
	})
}

// NewSecret gives a machine a client secret in place of the one that it had. It cannot be read again.
func (r *Registry) NewSecret(name string) (secret.Value, error) {
	made := secret.Random()
	sum := sha256.Sum256([]byte(made.Reveal()))
	_, err := r.change(name, func(m *Machine) error {
		if m.Name == "" || !m.Active() {
			return refused(name).Saw("there is no machine of that name that has its rights")
		}
		m.Secret = sum[:]
		return nil
	})
	if err != nil {
		return secret.Value{}, err
	}
	return made, nil
}

// change stores what edit makes of a machine, which has no name if there is none yet.
func (r *Registry) change(name string, edit func(*Machine) error) (m Machine, err error) {
	err = r.db.Update(func(tx *bbolt.Tx) error {
		m, err = changeIn(tx, name, edit)
		return err
	})
	if err != nil {
		return Machine{}, err
	}
	return m, nil
}

// changeIn is change, as a part of a change of more.
func changeIn(tx *bbolt.Tx, name string, edit func(*Machine) error) (m Machine, err error) {
	in := tx.Bucket(machineBucket)
	stored, err := load[Machine](in, name)
	if err != nil {
		return Machine{}, err
	}
	if stored != nil {
		m = *stored
	}
	if err := edit(&m); err != nil {
		return Machine{}, err
	}
	return m, save(in, name, m)
}
