// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package onlooker is a Score whose component is a credential: it may look at a cluster and try what it would
// write by dry runs, and write nothing. With it a test shows what a plan is able to do.
package onlooker

import (
	"context"
	"errors"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/wait"
)

// Score is a service account that may get, list and watch, and write only if it is a dry run. Kubernetes authorises
// a dry run as the write itself, so its roles give it both, and an admission policy denies it the writes.
//
// The groups of custom resources are not in its roles, for none can be left out of "all of them": the policy
// does not see writes to admissionregistration.k8s.io, and its "get" of all resources would be a shell in all Pods.
type Score struct{ Namespace string }

var (
	_ harmony.Score[kube.Place]   = Score{}
	_ harmony.Remover[kube.Place] = Score{}
)

// Name is "onlooker".
func (Score) Name() string { return "onlooker" }

// User is the name that the API server knows it by.
func (s Score) User() string { return "system:serviceaccount:" + s.Namespace + ":" + s.Name() }

// Interpret makes the account and its policy, and then gives it rights and a token: it never has the first without
// the policy, though the API server may take a second to heed that.
func (s Score) Interpret(ctx context.Context, on kube.Place) (harmony.Outcome, error) {
	outcome, err := on.Kubernetes().Apply(ctx, s.inventory(), s.account(), s.policy(), s.enforced())
	if err != nil {
		return outcome, err
	}
	rights, err := on.Kubernetes().Apply(ctx, s.rights(), s.looks(), s.tries(), s.may("looks"), s.may("tries"), s.token())
	outcome.Changes = append(outcome.Changes, rights.Changes...)
	return outcome, err
}

// issuance is how long the controller may take that fills Secrets with tokens.
const issuance = 30 * time.Second

// SmokeTest waits for the token.
func (s Score) SmokeTest(ctx context.Context, on kube.Place) error {
	err := wait.Until(ctx, "the token of "+s.User(), wait.Pace{Limit: issuance}, func(ctx context.Context) (string, bool, error) {
		token, err := s.Token(ctx, on)
		return "Secret/" + s.Name() + " has none", !token.IsZero(), err
	})
	if _, none := errors.AsType[*wait.GaveUp](err); none {
		return diag.New(diag.WrongAnswer, "Secret/"+s.Name()).Because(err)
	}
	if err == nil {
		event.Emit(ctx, event.Fact{Text: s.User() + " has a token"})
	}
	return err
}

// Token is what the account identifies itself with; none as long as it has none.
func (s Score) Token(ctx context.Context, on kube.Place) (secret.Value, error) {
	values, err := on.Kubernetes().Secret(ctx, s.Namespace, s.Name())
	return values["token"], err
}

// Remove takes its rights away, and then the account and the policy.
func (s Score) Remove(ctx context.Context, on kube.Place, how harmony.Removal) (harmony.Removed, error) {
	removed, err := on.Kubernetes().Remove(ctx, s.rights(), how)
	if err != nil {
		return removed, err
	}
	rest, err := on.Kubernetes().Remove(ctx, s.inventory(), how)
	removed.Gone = append(removed.Gone, rest.Gone...)
	return removed, err
}

func (s Score) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}

// rights has what must not be there before the policy is.
func (s Score) rights() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name() + "-rights"}
}
