// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
)

// joinKept is how long a question is remembered after it was asked, or answered.
const joinKept = 7 * 24 * time.Hour

// Join is the question of a device whether it may join, under the id of its key.
type Join struct {
	Device string             `json:"device"`
	Key    Key                `json:"key"`
	Facts  contract.JoinFacts `json:"facts"`
	// From is the address that it was asked from.
	From     string                `json:"from"`
	Standing contract.JoinStanding `json:"standing"`
	Asked    time.Time             `json:"asked"`
	// Changed is when it was asked or answered.
	Changed time.Time `json:"changed"`
	// Labels and Access are those of the token, which may die before an answer is given.
	Labels map[string]string `json:"labels,omitempty"`
	Access contract.Access   `json:"access"`
}

// A Question is what a device asks with.
type Question struct {
	Device string
	Key    Key // which the device has shown that it has
	Token  string
	Facts  contract.JoinFacts
	From   string
	// Before is for what was asked before alone.
	Before bool
}

// Ask hears a device that wants to join. The first time it uses up one of the token's; after that the key is enough, and
// what became of it is told. Its error is a Diagnostic with the code JoinRefused.
func (r *Registry) Ask(q Question, now time.Time) (j Join, first bool, err error) {
	known := false
	err = r.db.View(func(tx *bbolt.Tx) error {
		j, known, err = asked(tx, q)
		return err
	})
	if err != nil || known {
		return j, false, err
	}
	if q.Before {
		return Join{}, false, diag.New(diag.JoinRefused, q.Device).Saw("it has not asked before")
	}
	err = r.db.Update(func(tx *bbolt.Tx) error {
		if j, known, err = asked(tx, q); err != nil || known {
			return err
		}
		j, err = q.firstAsked(tx, now)
		return err
	})
	if err != nil {
		return Join{}, false, err
	}
	return j, !known, nil
}

// asked is what became of a question that was asked before.
func asked(tx *bbolt.Tx, q Question) (j Join, known bool, err error) {
	stored, err := load[Join](tx.Bucket(joinBucket), q.Key.ID)
	if stored == nil || err != nil {
		return Join{}, false, err
	}
	if stored.Device != q.Device {
		return Join{}, false, diag.New(diag.JoinRefused, q.Device).Saw("this key has asked to join as " + stored.Device)
	}
	if stored.Standing == contract.JoinApproved {
		m, err := load[Machine](tx.Bucket(machineBucket), q.Device)
		if err != nil {
			return Join{}, false, err
		}
		if !m.uses(q.Key.ID) {
			return Join{}, false, diag.New(diag.JoinRefused, q.Device).Saw("this key was approved, and has been taken from the device since")
		}
	}
	return *stored, true, nil
}

// uses tells whether a machine, which may be nil, has its rights with that key.
func (m *Machine) uses(key string) bool {
	if m == nil || !m.Active() {
		return false
	}
	_, has := m.Key(key)
	return has
}

func (q Question) firstAsked(tx *bbolt.Tx, now time.Time) (Join, error) {
	tokens := tx.Bucket(tokenBucket)
	id := TokenID(q.Token)
	t, err := load[JoinToken](tokens, id)
	if err != nil {
		return Join{}, err
	}
	if q.Token == "" || t == nil {
		return Join{}, diag.New(diag.JoinRefused, q.Device).Saw("there is no such token")
	}
	if no := t.admits(q.Device, now); no != nil {
		return Join{}, no
	}
	m, err := load[Machine](tx.Bucket(machineBucket), q.Device)
	if err != nil {
		return Join{}, err
	}
	j := Join{
		Device: q.Device, Key: q.Key, Facts: q.Facts, From: q.From, Standing: contract.JoinPending, Asked: now.UTC(), Changed: now.UTC(),
		Labels: t.Labels, Access: t.Access,
	}
	switch {
	case m.uses(q.Key.ID): // it has joined before
		j.Standing = contract.JoinApproved
	case t.Automatic && m == nil:
		if _, err := changeIn(tx, q.Device, enrolled(q.Device, deviceRole, &q.Key, now)); err != nil {
			return Join{}, err
		}
		j.Standing = contract.JoinApproved
	}
	t.Left--
	return j, errors.Join(save(tokens, id, *t), save(tx.Bucket(joinBucket), j.Key.ID, j))
}

var deviceRole = []contract.Role{contract.RoleDevice}

// Joins gives all questions in the order of names, the earlier first.
func (r *Registry) Joins() (list []Join, err error) {
	err = r.db.View(func(tx *bbolt.Tx) error {
		list, err = all[Join](tx.Bucket(joinBucket))
		return err
	})
	slices.SortFunc(list, func(a, b Join) int { return cmp.Or(cmp.Compare(a.Device, b.Device), a.Asked.Compare(b.Asked)) })
	return list, err
}

// Approve enrols the device that has asked with that key. One of that name that has another key keeps its rights, and
// this is refused, unless replace is true: then all other keys are taken from it. Doing it again changes nothing. Its
// error is a Diagnostic with the code NobodyJoins, NameTaken or EnrolmentRefused.
func (r *Registry) Approve(device, key string, replace bool, now time.Time) (Join, error) {
	return r.answer(device, key, contract.JoinApproved, now, func(tx *bbolt.Tx, j Join) error {
		_, err := changeIn(tx, device, func(m *Machine) error {
			taken := m.Name != "" && !m.uses(key)
			switch {
			case m.Name != "" && !slices.Equal(m.Roles, deviceRole):
				return refused(device).Saw("a machine of that name is no device")
			case taken && !replace:
				return diag.New(diag.NameTaken, device).Saw("it has another key, or was revoked")
			case taken:
				m.retire(func(k Key) bool { return k.ID != key })
				m.Secret = nil
			}
			return enrolled(device, deviceRole, &j.Key, now)(m)
		})
		return err
	})
}

// Deny refuses the device that has asked with that key. It hears so when it asks again. Its error is a Diagnostic with
// the code NobodyJoins or EnrolmentRefused.
func (r *Registry) Deny(device, key string, now time.Time) (Join, error) {
	return r.answer(device, key, contract.JoinDenied, now, func(tx *bbolt.Tx, j Join) error {
		if j.Standing == contract.JoinApproved {
			return refused(device).Saw("it was approved, and has joined").Try("take its rights: revoke it")
		}
		return nil
	})
}

// answer answers a question, once more if it was answered before.
func (r *Registry) answer(device, key string, standing contract.JoinStanding, now time.Time, do func(*bbolt.Tx, Join) error) (j Join, err error) {
	err = r.db.Update(func(tx *bbolt.Tx) error {
		in := tx.Bucket(joinBucket)
		stored, err := load[Join](in, key)
		if err != nil {
			return err
		}
		if stored == nil || stored.Device != device {
			return diag.New(diag.NobodyJoins, device).Saw("no device of that name has asked with the key " + key)
		}
		if j = *stored; j.Standing == standing && standing != contract.JoinApproved {
			return nil
		}
		if err := do(tx, j); err != nil {
			return err
		}
		j.Standing, j.Changed = standing, now.UTC()
		return save(in, key, j)
	})
	if err != nil {
		return Join{}, err
	}
	return j, nil
}
