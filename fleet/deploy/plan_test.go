// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy_test

import (
	"testing"

	"pgregory.net/rapid"

	"nationtech.io/harmony"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/deploy"
	"nationtech.io/harmony/scoretest"
)

// fleets are fleets in which devices come and go, and one of them runs in a Pod.
func fleets(t *testing.T, namespace string) *rapid.Generator[deploy.All] {
	t.Helper()
	var ids []contract.DeviceID
	for _, name := range []string{"e2e-1", "e2e-2", "oven-3", "press-07"} {
		id, err := contract.ParseDeviceID(name)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return rapid.Custom(func(r *rapid.T) deploy.All {
		devices := rapid.SliceOfNDistinct(rapid.SampledFrom(ids[1:]), 0, 3, contract.DeviceID.String).Draw(r, "devices")
		return deploy.All{NATS: deploy.NATS{Namespace: namespace, Devices: devices}, Device: ids[0]}
	})
}

func TestAPlanForetellsEveryVariationOfAFleet(t *testing.T) {
	t.Parallel()
	const some = 4 // a deploy takes seconds
	place, generator := scoretest.Local(t), fleets(t, scoretest.Namespace(t))
	var all []*harmony.Placement
	for seed := range some {
		all = append(all, harmony.Place(generator.Example(seed)).On(place))
	}
	scoretest.Foretold(t, all...)
}
