// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
)

// A Declaration is a machine that whoever runs the issuer has said there is, with its one key.
type Declaration struct {
	Name  string          `json:"name"`
	Roles []contract.Role `json:"roles"`
	// Key is the PEM text of its public key.
	Key string `json:"key"`
}

// ParseDeclarations reads them as JSON. What is wrong is a Diagnostic with the code EnrolmentRefused.
func ParseDeclarations(text []byte) (list []Declaration, err error) {
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, diag.New(diag.EnrolmentRefused, "machines").Because(err)
	}
	return list, nil
}

// Declare makes the machines that are declared, and takes from all others the keys that were declared before. A machine keeps
// what it was given by Enrol, and one that was revoked stays so until another key is declared for it. A key that was taken from its
// machine does not come back. All is done, or nothing; what no machine could be is a Diagnostic with the code EnrolmentRefused, and
// what has become of one is none: an issuer must start whatever devices have done.
func (r *Registry) Declare(list []Declaration, now time.Time) error {
	wanted := map[string]Key{}
	for _, d := range list {
		if err := checkMachine(d.Name, d.Roles); err != nil {
			return err
		}
		key, err := ParseKey([]byte(d.Key))
		if err != nil {
			return err
		}
		if _, twice := wanted[d.Name]; twice {
			return refused(d.Name).Saw("it is declared twice")
		}
		wanted[d.Name] = key
	}
	return r.db.Update(func(tx *bbolt.Tx) error {
		in := tx.Bucket(machineBucket)
		machines, err := all[Machine](in)
		if err != nil {
			return err
		}
		for _, m := range machines {
			if _, still := wanted[m.Name]; !still && m.Declared != "" {
				m.undeclare()
				if err := save(in, m.Name, m); err != nil {
					return err
				}
			}
		}
		for _, d := range list {
			if err := declare(in, d, wanted[d.Name], now); err != nil {
				return fmt.Errorf("declare %s: %w", d.Name, err)
			}
		}
		return nil
	})
}

func declare(in *bbolt.Bucket, d Declaration, key Key, now time.Time) error {
	stored, err := load[Machine](in, d.Name)
	if err != nil {
		return err
	}
	m := Machine{Name: d.Name, Enrolled: now.UTC()}
	if stored != nil {
		m = *stored
	}
	if !m.Active() {
		if _, had := m.Key(key.ID); had || slices.Contains(m.Retired, key.ID) {
			return nil
		}
		m.retire(func(Key) bool { return true })
		m.Secret, m.Revoked = nil, time.Time{}
	}
	if m.Declared != key.ID {
		m.undeclare()
	}
	if !slices.Contains(m.Retired, key.ID) {
		m.Roles, m.Declared = slices.Compact(slices.Sorted(slices.Values(d.Roles))), key.ID
		if _, has := m.Key(key.ID); !has {
			m.Keys = append(m.Keys, key) // beyond MaxKeys too
		}
	}
	return save(in, m.Name, m)
}

// undeclare takes the key that was declared. It may be declared again.
func (m *Machine) undeclare() {
	m.Keys = slices.DeleteFunc(m.Keys, func(k Key) bool { return k.ID == m.Declared })
	m.Declared = ""
}
