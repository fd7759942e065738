// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package witness shows what a program does to a cluster by the word of the API server: with a credential that
// cannot write, and with its log of requests.
package witness

import (
	"context"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/scoretest/internal/onlooker"
	"nationtech.io/harmony/scoretest/internal/world"
	"nationtech.io/harmony/topology/local"
	"nationtech.io/harmony/wait"
)

// An Onlooker reaches a cluster and writes nothing there.
type Onlooker struct {
	User   string // as the API server knows it
	Config *rest.Config
}

// heeded is how long an API server may take to heed a policy and roles.
const heeded = 30 * time.Second

// Onlook deploys an onlooker into the namespace, which is taken away when the test ends, and gives it when the API
// server refuses what it writes.
func Onlook(t testing.TB, topology *local.Topology, namespace string) Onlooker {
	t.Helper()
	score := onlooker.Score{Namespace: namespace}
	placement := harmony.Place(score).On(topology)
	t.Cleanup(func() {
		if _, err := (harmony.Run{Purge: true}).Remove(context.WithoutCancel(t.Context()), placement); err != nil {
			t.Error(err)
		}
	})
	if _, err := harmony.Deploy(t.Context(), placement); err != nil {
		t.Fatal(err)
	}
	token, err := score.Token(t.Context(), topology)
	if err != nil {
		t.Fatal(err)
	}
	admin := Config(t, topology)
	mine := rest.AnonymousClientConfig(admin)
	mine.BearerToken = token.Reveal()
	if err := refused(t.Context(), admin, mine, namespace); err != nil {
		t.Fatal(err)
	}
	return Onlooker{User: score.User(), Config: mine}
}

// Config tells how the API server of a place is reached.
func Config(t testing.TB, place kube.Place) *rest.Config {
	t.Helper()
	cluster, ok := place.Kubernetes().(interface{ Config() *rest.Config })
	if !ok {
		t.Fatalf("%T does not tell how its API server is reached", place.Kubernetes())
	}
	return cluster.Config()
}

// refused writes as the onlooker until the policy refuses it. Before that the roles may refuse, or nobody.
func refused(ctx context.Context, admin, mine *rest.Config, namespace string) error {
	const trial = "onlooker-trial"
	all, err := world.Reach(admin)
	if err != nil {
		return err
	}
	it, err := world.Reach(mine)
	if err != nil {
		return err
	}
	return wait.Until(ctx, "the API server to refuse what an onlooker writes", wait.Pace{Limit: heeded}, func(ctx context.Context) (string, bool, error) {
		made, err := it.Leave(ctx, world.Maps, namespace, trial)
		if err == nil {
			return "it wrote " + made.Key().String(), false, all.Delete(ctx, made)
		}
		if !apierrors.IsForbidden(err) {
			return "", false, err
		}
		said := err.Error()
		return said, strings.Contains(said, onlooker.Refusal), nil
	})
}
