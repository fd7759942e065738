// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy_test

import (
	"context"
	"testing"

	"nationtech.io/harmony"
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

func TestAWholeFleetKeepsWhatEveryScorePromises(t *testing.T) {
	t.Parallel()
	fleet := deploy.All{NATS: deploy.NATS{Namespace: scoretest.Namespace(t)}, Device: device(t)}
	scoretest.Conform(t, harmony.Place(fleet).On(scoretest.Local(t)))
}
