// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/score/authority"
	"nationtech.io/harmony/secret"
)

// The users that every NATS of ours has. The smoke test works in an account of its
// own, so that it can neither see nor break what others keep.
const (
	systemAccount = "SYS"
	systemUser    = "sys"
	probeAccount  = "PROBE"
	probeUser     = "probe"
	routeUser     = "route"
)

// users lists every user whose password is generated.
func (s Score) users() []string {
	names := []string{systemUser, probeUser}
	if s.replicas() > 1 {
		names = append(names, routeUser)
	}
	for _, user := range s.Overseers {
		names = append(names, user.Name)
	}
	for _, account := range s.Accounts {
		for _, user := range account.Users {
			names = append(names, user.Name)
		}
	}
	return names
}

// kept is what a NATS has that was generated once.
type kept struct {
	passwords   map[string]secret.Value // by user
	callout     []calloutPair           // those that servers trust first; none without a callout
	certificate *authority.Pair         // nil without TLS
	routes      *authority.Pair         // by which servers of a cluster know each other; nil without TLS
	dir         string                  // where servers have the files of all that; configDir when empty
}

// keep gives what was generated, and generates what is missing.
func (s Score) keep(ctx context.Context, on kube.Cluster) (k kept, outcome harmony.Outcome, err error) {
	if k.passwords, outcome, err = s.generate(ctx, on); err != nil {
		return k, outcome, err
	}
	made := harmony.Outcome{}
	if s.Callout != nil {
		k.callout, made, err = s.Ref().calloutPairs(ctx, on, *s.Callout)
		outcome.Changes = append(outcome.Changes, made.Changes...)
		if err != nil {
			return k, outcome, err
		}
	}
	k.certificate, made, err = s.certificate(ctx, on)
	outcome.Changes = append(outcome.Changes, made.Changes...)
	if err != nil {
		return k, outcome, err
	}
	k.routes, made, err = s.routes(ctx, on)
	outcome.Changes = append(outcome.Changes, made.Changes...)
	return k, outcome, err
}

// Prepare makes the password of a user of a NATS that may not stand yet, so that a client's
// Pod can start before its NATS. The Secret is NATS's own.
func Prepare(ctx context.Context, on kube.Applier, to Ref, user string) (harmony.Outcome, error) {
	_, made, err := on.Generate(ctx, to.inventory(), to.Credential(user).Secret, PasswordKey)
	return made, err
}

// generate gives every user's password; those that did not exist are made.
func (s Score) generate(ctx context.Context, on kube.Applier) (map[string]secret.Value, harmony.Outcome, error) {
	var mu sync.Mutex
	passwords, outcome := map[string]secret.Value{}, harmony.Outcome{}
	group, ctx := errgroup.WithContext(ctx)
	for _, user := range s.users() {
		group.Go(func() error {
			values, made, err := on.Generate(ctx, s.inventory(), s.Ref().Credential(user).Secret, PasswordKey)
			mu.Lock()
			defer mu.Unlock()
			passwords[user] = values[PasswordKey]
			outcome.Changes = append(outcome.Changes, made.Changes...)
			return err
		})
	}
	return passwords, outcome, group.Wait()
}
