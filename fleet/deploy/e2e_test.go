// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/deploy"
	"nationtech.io/harmony/scoretest"
)

func device(t *testing.T) contract.DeviceID {
	t.Helper()
	id, err := contract.ParseDeviceID("e2e-1")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestTheFleetsNATSKeepsWhatEveryScorePromises(t *testing.T) {
	t.Parallel()
	server := deploy.NATS{Namespace: scoretest.Namespace(t), Devices: []contract.DeviceID{device(t)}}
	scoretest.Conform(t, harmony.Place(server).On(scoretest.Local(t)))
}

// The agent's NATS stands beside it, and is none of its business.
func TestAnAgentKeepsWhatEveryScorePromises(t *testing.T) {
	t.Parallel()
	topology := scoretest.Local(t)
	server := deploy.NATS{Namespace: scoretest.Namespace(t), Devices: []contract.DeviceID{device(t)}}
	beside := harmony.Place(server).On(topology)
	t.Cleanup(func() {
		if _, err := (harmony.Run{Purge: true}).Remove(context.WithoutCancel(t.Context()), beside); err != nil {
			t.Error(err)
		}
	})
	if _, err := harmony.Deploy(t.Context(), beside); err != nil {
		t.Fatal(err)
	}
	agent := deploy.AgentPod{Namespace: server.Namespace, Device: device(t), NATS: server.Ref()}
	scoretest.Conform(t, harmony.Place(agent).On(topology))
}

// What nobody asks any more is gone, what is data stays until a purge, and the plan says so before.
func TestAFleetThatGoesBackToPasswordsKeepsItsKeysAlone(t *testing.T) {
	t.Parallel()
	on, before := scoretest.Local(t), deploy.Server{NATS: deploy.NATS{Namespace: scoretest.Namespace(t)}, Identity: &deploy.Identity{}}
	after := before
	after.Identity = nil
	scoretest.Foretold(t, harmony.Place(before).On(on), harmony.Place(after).On(on))
	standing := func() map[string]kube.Standing {
		list, err := on.Components(t.Context(), after.NATS.Namespace)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]kube.Standing{}
		for _, s := range list {
			all[s.Component] = s
		}
		return all
	}
	all := standing()
	if issuer := all["issuer"]; len(issuer.Objects) > 0 || !slices.Contains(issuer.Data, "PersistentVolumeClaim/data-harmony-fleet-issuer-0") {
		t.Errorf("of the issuer there is %+v", issuer)
	}
	for _, gone := range []string{"callout", "server"} {
		if s, stands := all[gone]; stands {
			t.Errorf("there is %+v", s)
		}
	}
	if _, err := (harmony.Run{Purge: true}).Remove(t.Context(), harmony.Place(after).On(on)); err != nil {
		t.Fatal(err)
	}
	if all := standing(); len(all) > 0 {
		t.Errorf("a purge leaves %v", all)
	}
}

// By make conformance the fleet has an issuer and a callout, which takes longer.
func TestAWholeFleetKeepsWhatEveryScorePromises(t *testing.T) {
	t.Parallel()
	fleet := deploy.All{NATS: deploy.NATS{Namespace: scoretest.Namespace(t)}, Device: device(t)}
	if os.Getenv("HARMONY_CONFORMANCE") == "all" {
		fleet.Identity = &deploy.Identity{}
	}
	scoretest.Conform(t, harmony.Place(fleet).On(scoretest.Local(t)))
}
