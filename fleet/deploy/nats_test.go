// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

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

func TestServersWithoutALeaderAreAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, asked := time.Now(), 0
		err := patiently(t.Context(), "an answer", func(ctx context.Context) error {
			if asked++; asked < 3 {
				<-ctx.Done() // no answer ever comes to this one
				return fmt.Errorf("no answer: %w", ctx.Err())
			}
			return nil
		})
		if took := time.Since(start); err != nil || asked != 3 || took < 2*askLimit || took > 3*askLimit {
			t.Errorf("asked %d times in %s: %v", asked, took, err)
		}
		refused := errors.New("refused")
		if err := patiently(t.Context(), "an answer", func(context.Context) error { return refused }); !errors.Is(err, refused) {
			t.Errorf("got %v", err)
		}
	})
}
