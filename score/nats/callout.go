// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"fmt"
	"slices"

	"github.com/nats-io/nkeys"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/score/nats/internal/conf"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/secret/derive"
)

// Callout lets a program decide about everyone who is no user of Accounts: it says who they are and what they may.
type Callout struct {
	// Account is that of the program; it hears there who wants to log in.
	Account string
	// Keys says for the how manieth time there are new keys; 1 when zero. Raise it by one to change them: the program has the next
	// ones already, and those before, so that servers change one after another and always find one that knows theirs.
	Keys int
}

// CalloutKeys are what a callout must have: seeds of nkeys, one a line.
type CalloutKeys struct{ Seeds secret.Value }

// calloutPair is what servers of one generation of keys are told.
type calloutPair struct{ signing, sealing nkeys.KeyPair }

// maxControlLine is how long a token may be with all else that a client says when it connects, in bytes. Providers put much
// into theirs.
const maxControlLine = 32 << 10

// authTimeout is how long a server waits for the callout, in seconds.
const authTimeout = 5

func (c Callout) keys() int { return max(c.Keys, 1) }

func calloutKey(generation int) string { return fmt.Sprintf("keys-%d", generation) }

// CalloutKeys gives the keys of this NATS's callout, and makes those that do not exist: those of the generation, of the next,
// and of the one before.
func (r Ref) CalloutKeys(ctx context.Context, on kube.Applier, of Callout) (CalloutKeys, harmony.Outcome, error) {
	generated, outcome, err := r.calloutPairs(ctx, on, of)
	if err != nil {
		return CalloutKeys{}, outcome, err
	}
	var seeds []byte
	for _, pair := range generated {
		for _, key := range []nkeys.KeyPair{pair.signing, pair.sealing} {
			seed, err := key.Seed()
			if err != nil {
				return CalloutKeys{}, outcome, fmt.Errorf("write the keys of the callout: %w", err)
			}
			seeds = append(append(seeds, seed...), '\n')
		}
	}
	return CalloutKeys{secret.New(string(seeds))}, outcome, nil
}

// calloutPairs are those of the generation first.
func (r Ref) calloutPairs(ctx context.Context, on kube.Applier, of Callout) (pairs []calloutPair, outcome harmony.Outcome, err error) {
	names := []string{calloutKey(of.keys()), calloutKey(of.keys() + 1)}
	if of.keys() > 1 {
		names = append(names, calloutKey(of.keys()-1))
	}
	values, outcome, err := on.Generate(ctx, r.inventory(), r.Name+"-callout", names...)
	if err != nil {
		return nil, outcome, err
	}
	for _, name := range names {
		signing, err := nkeys.FromRawSeed(nkeys.PrefixByteAccount, derive.Bytes(values[name], "callout signing"))
		if err != nil {
			return nil, outcome, fmt.Errorf("make the callout's key: %w", err)
		}
		sealed, err := nkeys.EncodeSeed(nkeys.PrefixByteCurve, derive.Bytes(values[name], "callout sealing"))
		if err != nil {
			return nil, outcome, fmt.Errorf("make the callout's key: %w", err)
		}
		sealing, err := nkeys.FromCurveSeed(sealed)
		if err != nil {
			return nil, outcome, fmt.Errorf("make the callout's key: %w", err)
		}
		pairs = append(pairs, calloutPair{signing, sealing})
	}
	return pairs, outcome, nil
}

// authorization is what servers are told about the callout; nil when there is none.
func (s Score) authorization(pairs []calloutPair) (*conf.Authorization, error) {
	if s.Callout == nil {
		return nil, nil
	}
	signing, err := pairs[0].signing.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("write the callout's key: %w", err)
	}
	sealing, err := pairs[0].sealing.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("write the callout's key: %w", err)
	}
	users := s.users()
	users = slices.DeleteFunc(users, func(user string) bool { return user == routeUser })
	slices.Sort(users)
	return &conf.Authorization{Timeout: authTimeout, Callout: conf.Callout{Issuer: signing, XKey: sealing, Account: s.Callout.Account, Users: users}}, nil
}
