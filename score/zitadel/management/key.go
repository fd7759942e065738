// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package management

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/wait"
)

// keyMark begins the names of metadata that say which key of a machine is which: Zitadel tells the ids of keys, and nothing else of
// them.
const keyMark = "harmony-key-"

// Keys are the ids of a machine's keys.
func (a API) Keys(ctx context.Context, machine string) (ids []string, err error) {
	all, err := List[struct {
		ID string `json:"id"`
	}](ctx, a, at(machine)+"/keys")
	for _, k := range all {
		ids = append(ids, k.ID)
	}
	return ids, err
}

// Seen waits until a key that was made is found: a token that is asked for earlier is refused.
func (a API) Seen(ctx context.Context, machine, id string) error {
	err := wait.Until(ctx, "Zitadel to find the key "+id, wait.Pace{Every: seenEvery, Limit: seenWithin}, func(ctx context.Context) (string, bool, error) {
		ids, err := a.Keys(ctx, machine)
		return "it is not found yet", slices.Contains(ids, id), err
	})
	if unseen := (*wait.GaveUp)(nil); errors.As(err, &unseen) {
		return diag.New(diag.ZitadelRefuses, "Zitadel machine/"+machine).Saw("the key " + id + " that it made is not found").Because(err)
	}
	return err
}

// Give makes a machine known by a public RSA key, a PEM block "PUBLIC KEY", that is good until someone takes it away, and gives what
// Zitadel calls the key. One that was given before, by its fingerprint, is not given again.
func (a API) Give(ctx context.Context, machine, fingerprint string, key []byte) (id string, err error) {
	one, _, err := Made(ctx, func(ctx context.Context) (*string, error) { return a.given(ctx, machine, fingerprint) }, func(ctx context.Context) error {
		var answer struct {
			KeyID string `json:"keyId"`
		}
		if err := a.Ask(ctx, http.MethodPost, at(machine)+"/keys", map[string]any{"type": "KEY_TYPE_JSON", "publicKey": key}, &answer); err != nil {
			return err
		}
		return a.Ask(ctx, http.MethodPost, at(machine)+"/metadata/"+keyMark+answer.KeyID, map[string]any{"value": []byte(fingerprint)}, nil)
	})
	if err != nil {
		return "", err
	}
	return *one, nil
}

// given finds the key of a fingerprint; nil when there is none.
func (a API) given(ctx context.Context, machine, fingerprint string) (*string, error) {
	ids, err := a.Keys(ctx, machine)
	if err != nil {
		return nil, err
	}
	type metadata struct {
		Key   string `json:"key"`
		Value []byte `json:"value"`
	}
	all, err := List[metadata](ctx, a, at(machine)+"/metadata")
	for _, id := range ids {
		if slices.ContainsFunc(all, func(m metadata) bool { return m.Key == keyMark+id && string(m.Value) == fingerprint }) {
			return &id, err
		}
	}
	return nil, err
}

// Take takes a key away from a machine, for ever.
func (a API) Take(ctx context.Context, machine, id string) error {
	if err := a.Remove(ctx, at(machine)+"/keys/"+id); err != nil {
		return err
	}
	return a.Remove(ctx, at(machine)+"/metadata/"+keyMark+id)
}
