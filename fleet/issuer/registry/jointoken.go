// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
)

const (
	// MaxJoins is how many devices one token is for at most.
	MaxJoins = 1000
	// MaxJoinTime is how long a token is good at most.
	MaxJoinTime = 7 * 24 * time.Hour
	// tokenKept is how long a token that is good no more is remembered, so that whoever shows it hears why.
	tokenKept = 24 * time.Hour
)

// JoinToken is what devices may ask with to join. The token itself is not kept.
type JoinToken struct {
	// ID is that of TokenID.
	ID string `json:"id"`
	// Left is how many devices may ask with it yet.
	Left  int       `json:"left"`
	Until time.Time `json:"until"`
	Made  time.Time `json:"made"`
	// Automatic lets in who asks under one of Devices, if no machine has that name.
	Automatic bool `json:"automatic,omitempty"`
	// Devices are the only names that may be asked for; any if there is none.
	Devices []string `json:"devices,omitempty"`
	// Prefix is what names must begin with.
	Prefix string `json:"prefix,omitempty"`
	// Labels are for the Device that is made, by whoever approves. The issuer only keeps them.
	Labels map[string]string `json:"labels,omitempty"`
	// Access is what devices are told.
	Access contract.Access `json:"access"`
}

// TokenID names a token without telling it: the SHA-256 of its text, which has too much chance in it to be guessed.
func TokenID(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// AddJoinToken keeps a token. Doing it again changes nothing. What cannot be is a Diagnostic with the code EnrolmentRefused.
func (r *Registry) AddJoinToken(t JoinToken, now time.Time) (JoinToken, error) {
	if err := t.check(now); err != nil {
		return JoinToken{}, err
	}
	t.Made, t.Until = now.UTC(), t.Until.UTC()
	err := r.db.Update(func(tx *bbolt.Tx) error {
		in := tx.Bucket(tokenBucket)
		stored, err := load[JoinToken](in, t.ID)
		if err != nil {
			return err
		}
		if stored != nil {
			t = *stored
			return nil
		}
		return save(in, t.ID, t)
	})
	return t, err
}

func (t JoinToken) check(now time.Time) error {
	bad := diag.New(diag.EnrolmentRefused, "join token")
	if id, err := hex.DecodeString(t.ID); err != nil || len(id) != sha256.Size {
		return bad.Saw("its id is no SHA-256")
	}
	switch {
	case t.Left < 1 || t.Left > MaxJoins:
		return bad.Saw(fmt.Sprintf("a token is for 1 to %d devices", MaxJoins))
	case !t.Until.After(now) || t.Until.Sub(now) > MaxJoinTime:
		return bad.Saw(fmt.Sprintf("a token is good for %s at most", MaxJoinTime))
	case t.Automatic && len(t.Devices) == 0:
		return bad.Saw("devices that nobody approves must be named")
	case len(t.Devices) > MaxJoins || len(t.Prefix) > 63:
		return bad.Saw(fmt.Sprintf("a token names %d devices at most, and a prefix of 63 bytes", MaxJoins))
	}
	for _, name := range t.Devices {
		if _, err := contract.ParseDeviceID(name); err != nil {
			return bad.Because(err)
		}
	}
	if err := t.Access.Check(); err != nil {
		return bad.Because(err)
	}
	return nil
}

// admits is why a device may not ask with it; nil when it may.
func (t JoinToken) admits(device string, now time.Time) *diag.Diagnostic {
	no := diag.New(diag.JoinRefused, device)
	switch {
	case now.After(t.Until):
		return no.Saw("the token has expired, " + t.Until.Format(time.RFC3339))
	case t.Left <= 0:
		return no.Saw("as many devices as the token is for have asked with it")
	case len(t.Devices) > 0 && !slices.Contains(t.Devices, device):
		return no.Saw("the token is not for a device of that name")
	case !strings.HasPrefix(device, t.Prefix):
		return no.Saw("the token is for names that begin with " + t.Prefix)
	}
	return nil
}

// JoinTokens gives all tokens, in the order in which they were made.
func (r *Registry) JoinTokens() (list []JoinToken, err error) {
	err = r.db.View(func(tx *bbolt.Tx) error {
		list, err = all[JoinToken](tx.Bucket(tokenBucket))
		return err
	})
	slices.SortFunc(list, func(a, b JoinToken) int { return a.Made.Compare(b.Made) })
	return list, err
}

// DropJoinToken takes a token away. Nobody asks with it any more; who has asked is not concerned.
func (r *Registry) DropJoinToken(id string) error {
	return r.db.Update(func(tx *bbolt.Tx) error {
		if tx.Bucket(tokenBucket).Get([]byte(id)) == nil {
			return diag.New(diag.EnrolmentRefused, "join token").Saw("there is no token of that id")
		}
		if err := tx.Bucket(tokenBucket).Delete([]byte(id)); err != nil {
			return fmt.Errorf("drop a join token: %w", err)
		}
		return nil
	})
}

// ForgetJoins drops tokens and questions that nobody comes back to: a token a day after it has expired, and a question a
// week after the last that happened to it.
func (r *Registry) ForgetJoins(now time.Time) error {
	return r.db.Update(func(tx *bbolt.Tx) error {
		err := drop(tx.Bucket(tokenBucket), func(t JoinToken) bool { return now.After(t.Until.Add(tokenKept)) })
		if err != nil {
			return err
		}
		return drop(tx.Bucket(joinBucket), func(j Join) bool { return now.After(j.Changed.Add(joinKept)) })
	})
}

// drop takes away of a bucket what is old.
func drop[T any](in *bbolt.Bucket, old func(T) bool) error {
	kept := map[string]T{}
	err := in.ForEach(func(name, _ []byte) error {
		v, err := load[T](in, string(name))
		if err == nil {
			kept[string(name)] = *v
		}
		return err
	})
	if err != nil {
		return err
	}
	maps.DeleteFunc(kept, func(_ string, v T) bool { return !old(v) })
	for name := range kept {
		if err := in.Delete([]byte(name)); err != nil {
			return fmt.Errorf("forget %q: %w", name, err)
		}
	}
	return nil
}
