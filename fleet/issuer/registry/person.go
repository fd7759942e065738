// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"regexp"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/secret"
)

const (
	// passwordIterations is what OWASP's Password Storage Cheat Sheet asks of PBKDF2 with HMAC-SHA-256.
	passwordIterations = 600_000
	minPassword        = 12
	maxPassword        = 256
	saltBytes          = 16
)

var personName = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,63}$`)

// IsPersonName tells whether a person can be called so.
func IsPersonName(name string) bool { return personName.MatchString(name) }

// Person is somebody who signs in with a password.
type Person struct {
	Name  string          `json:"name"`
	Roles []contract.Role `json:"roles"`
	Hash  Hash            `json:"hash"`
	Since time.Time       `json:"since"`
}

// Hash is a password that cannot be read back: PBKDF2 with HMAC-SHA-256.
type Hash struct {
	Salt       []byte `json:"salt"`
	Iterations int    `json:"iterations"`
	Sum        []byte `json:"sum"`
}

// SetPerson makes a person, or gives one that exists other roles and another password. What cannot be is a Diagnostic with
// the code EnrolmentRefused.
func (r *Registry) SetPerson(name string, roles []contract.Role, password secret.Value, now time.Time) error {
	roles = slices.Compact(slices.Sorted(slices.Values(roles)))
	switch {
	case !IsPersonName(name):
		return refused(name).Saw("a name is 1 to 64 of a-z, 0-9, '.', '_', '@' and '-', and begins with a letter or digit")
	case len(roles) == 0:
		return refused(name).Saw("it has no role")
	case len(password.Reveal()) < minPassword || len(password.Reveal()) > maxPassword:
		return refused(name).Saw(fmt.Sprintf("a password has %d to %d bytes", minPassword, maxPassword))
	}
	for _, role := range roles {
		if role != contract.RoleOperator && role != contract.RoleReader {
			return refused(name).Saw(fmt.Sprintf("a person is operator or reader, and not %q", role))
		}
	}
	hash := Hash{Salt: make([]byte, saltBytes), Iterations: r.iterations}
	rand.Read(hash.Salt) // never fails: it ends the process rather than give weak bytes
	var err error
	if hash.Sum, err = hash.of(password.Reveal()); err != nil {
		return err
	}
	return r.db.Update(func(tx *bbolt.Tx) error {
		return save(tx.Bucket(personBucket), name, Person{Name: name, Roles: roles, Hash: hash, Since: now.UTC()})
	})
}

func (h Hash) of(password string) ([]byte, error) {
	sum, err := pbkdf2.Key(sha256.New, password, h.Salt, h.Iterations, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("hash a password: %w", err)
	}
	return sum, nil
}

// Person gives the person of that name, and whether there is one.
func (r *Registry) Person(name string) (p Person, found bool, err error) {
	err = r.db.View(func(tx *bbolt.Tx) error {
		stored, err := load[Person](tx.Bucket(personBucket), name)
		if stored != nil {
			p, found = *stored, true
		}
		return err
	})
	return p, found, err
}

// People gives all people in the order of their names.
func (r *Registry) People() (list []Person, err error) {
	err = r.db.View(func(tx *bbolt.Tx) error {
		list, err = all[Person](tx.Bucket(personBucket))
		return err
	})
	return list, err
}

// RemovePerson takes a person away. It is an error, a Diagnostic with the code EnrolmentRefused, if there is none.
func (r *Registry) RemovePerson(name string) error {
	return r.db.Update(func(tx *bbolt.Tx) error {
		in := tx.Bucket(personBucket)
		if in.Get([]byte(name)) == nil {
			return refused(name).Saw("there is no person of that name")
		}
		return in.Delete([]byte(name))
	})
}

// SignIn tells whether that is the password of that person. A name that nobody has takes as long as one that somebody has.
func (r *Registry) SignIn(name, password string) (bool, error) {
	p, found, err := r.Person(name)
	if err != nil {
		return false, err
	}
	if !found {
		p.Hash = Hash{Salt: make([]byte, saltBytes), Iterations: r.iterations}
	}
	if len(password) > maxPassword {
		return false, nil
	}
	sum, err := p.Hash.of(password)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, p.Hash.Sum) == 1 && found, nil
}
