// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house_test

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/fleet/contract"
	fleet "nationtech.io/harmony/fleet/deploy"
	"nationtech.io/harmony/topology/local"
)

var _ = readme

// readme is what README.md quotes: that it compiles is all that is asked of it.
func readme(ctx context.Context, topology *local.Topology, ns string, device contract.DeviceID) (harmony.Report, error) {
	nats := fleet.NATS{Namespace: ns, Devices: []contract.DeviceID{device}}
	agent := fleet.AgentPod{Namespace: ns, Device: device, NATS: nats.Ref()}

	report, err := harmony.Deploy(ctx, harmony.Place(nats).On(topology), harmony.Place(agent).On(topology))
	return report, err
}
