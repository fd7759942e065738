// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony"
	"nationtech.io/harmony/wait"
)

func TestRunsAtOnceEachProveTheFleet(t *testing.T) {
	s := up(t)
	var all errgroup.Group
	all.Go(func() error {
		_, err := harmony.Deploy(t.Context(), s.placement())
		return err
	})
	for range 2 {
		all.Go(func() error {
			_, err := harmony.Run{Limit: bringUpLimit}.Verify(t.Context(), s.placement())
			return err
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	const probes = "harmony.nationtech.io/component in (operator-probe, operator-probe-deployment, operator-probe-device)"
	left := s.kubectl(t, "get", "fleetdep,leases", "--output", "name", "--selector", probes)
	// Devices are in no namespace: those of other fleets, which are proved meanwhile, are none of ours.
	left += s.kubectl(t, "get", "fleetdev", "--selector", probes, "--output", fmt.Sprintf("jsonpath={.items[?(@.spec.fleet==%q)].metadata.name}", s.fleet.NATS.Namespace))
	if left != "" {
		t.Errorf("of the smoke tests is left: %s", left)
	}
}

func TestAFleetIsProvedAsSoonAsItsNATSIsBack(t *testing.T) {
	s := up(t)
	s.kubectl(t, "delete", "pod", "--selector", "app.kubernetes.io/name=nats", "--wait=false")
	err := wait.Until(t.Context(), "NATS to go", wait.Pace{}, func(context.Context) (string, bool, error) {
		ready := s.kubectl(t, "get", "endpointslices", "--selector", "app.kubernetes.io/name=nats", "--output", "jsonpath={.items[*].endpoints[*].conditions.ready}")
		return ready, !strings.Contains(ready, "true"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (harmony.Run{Limit: bringUpLimit}).Verify(t.Context(), s.placement()); err != nil {
		t.Fatal(err)
	}
}
