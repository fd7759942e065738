// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/scoretest/internal/world"
	"nationtech.io/harmony/topology/local"
)

const (
	prefix = "e2e-"
	stale  = time.Hour // what stands longer was left by a run that was killed

	seedVariable = "HARMONY_SCORETEST_SEED"
)

// Namespace names the namespace of a test: e2e- and 8 hexadecimal digits, the same whenever this test asks in
// this run of its program, and another in every other test and run. It makes none: deploying a component does.
func Namespace(t testing.TB) string {
	sum := sha256.Sum256([]byte(seed() + t.Name()))
	return prefix + hex.EncodeToString(sum[:4])
}

// seed is the run's. A process that is made to be killed gets it from the one that made it, and so works in the
// same namespaces.
var seed = sync.OnceValue(func() string {
	if given := os.Getenv(seedVariable); given != "" {
		return given
	}
	return rand.Text()
})

// prune takes away what runs that were killed have left: components with what they have outside of their
// namespace, then the namespaces.
func prune(ctx context.Context, topology *local.Topology) error {
	standing, err := topology.Components(ctx, "")
	errs := []error{err}
	for _, s := range standing {
		if strings.HasPrefix(s.Namespace, prefix) && time.Since(s.Since) > stale {
			_, err := topology.Kubernetes().Remove(ctx, kube.Inventory{Namespace: s.Namespace, Name: s.Component}, harmony.Removal{Purge: true})
			errs = append(errs, err)
		}
	}
	w, _, err := reach(topology)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	return errors.Join(append(errs, sweep(ctx, w, func(ns *world.Object) bool {
		return strings.HasPrefix(ns.Name, prefix) && ns.Labels[kube.ManagedByLabel] == "harmony" &&
			time.Since(ns.CreationTimestamp.Time) > stale
	}))...)
}

// sweep deletes the namespaces that are old with all that is in them, and waits for nothing.
func sweep(ctx context.Context, w *world.World, old func(*world.Object) bool) error {
	all, err := w.Look(ctx, []world.Kind{world.Namespaces}, "")
	errs := []error{err}
	for _, ns := range all.Only(old) {
		errs = append(errs, w.Delete(ctx, ns))
	}
	return errors.Join(errs...)
}
