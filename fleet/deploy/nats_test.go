// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony/fleet/contract"
)

func TestADeviceThatIsGivenTwiceIsOneUser(t *testing.T) {
	one, err := contract.ParseDeviceID("one")
	if err != nil {
		t.Fatal(err)
	}
	two, err := contract.ParseDeviceID("two")
	if err != nil {
		t.Fatal(err)
	}
	var users []string
	for _, account := range (NATS{Devices: []contract.DeviceID{one, two, one}}).accounts() {
		if account.Name == string(contract.AccountDevices) {
			for _, user := range account.Users {
				users = append(users, user.Name)
			}
		}
	}
	if diff := cmp.Diff([]string{"device-one", "device-two", "device-" + probeDevice("").String()}, users); diff != "" {
		t.Error(diff)
	}
}
