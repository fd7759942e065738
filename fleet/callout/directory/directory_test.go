// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package directory_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/apiserver"
	"nationtech.io/harmony/fleet/apiserver/apiservertest"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/directory"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run runs a directory of that server until the test ends. ended gives what Run says.
func run(t *testing.T, s *apiservertest.Server) (d *directory.Directory, ended <-chan error) {
	t.Helper()
	f, err := apiserver.Open(s.Kubeconfig, apiservertest.Namespace, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	d = directory.Of(f)
	said, over := make(chan error, 1), make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	go func() { said <- d.Run(ctx); close(over) }()
	t.Cleanup(func() { stop(); <-over })
	return d, said
}

// becomes waits until a device stands so.
func becomes(t *testing.T, d *directory.Directory, device string, want callout.Standing) {
	t.Helper()
	id, err := contract.ParseDeviceID(device)
	if err != nil {
		t.Fatal(err)
	}
	err = wait.Until(t.Context(), device, wait.Pace{Limit: 40 * time.Second}, func(context.Context) (string, bool, error) {
		return "another standing", d.Standing(id) == want, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestADirectoryKnowsNothingBeforeTheFleetIsMade(t *testing.T) {
	s := apiservertest.Start(t)
	d, _ := run(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if plane, err := d.Known(ctx); err == nil {
		t.Fatalf("it knows %s", plane)
	}
	want := contract.NewPlaneID()
	s.Fleet(want)
	if plane, err := d.Known(t.Context()); err != nil || plane != want {
		t.Errorf("%s, %v", plane, err)
	}
}

func TestWhoIsLetInFollowsTheDevices(t *testing.T) {
	s := apiservertest.Start(t)
	s.Fleet(contract.NewPlaneID())
	s.Device("allowed", fleet.AccessAllowed)
	s.Device("old", "")
	s.Device("revoked", fleet.AccessRevoked)
	s.Device("odd", "Sometimes")
	s.DeviceOf("another", "stranger", fleet.AccessAllowed)
	d, _ := run(t, s)
	if _, err := d.Known(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]callout.Standing{
		"allowed": callout.Allowed, "old": callout.Allowed, "revoked": callout.Revoked, "odd": callout.Revoked, "stranger": callout.NotEnrolled, "nobody": callout.NotEnrolled,
	} {
		becomes(t, d, name, want)
	}
	s.Device("allowed", fleet.AccessRevoked)
	becomes(t, d, "allowed", callout.Revoked)
	s.Device("allowed", fleet.AccessAllowed)
	becomes(t, d, "allowed", callout.Allowed)
	s.Device("new", fleet.AccessAllowed)
	becomes(t, d, "new", callout.Allowed)
	s.Drop("new")
	becomes(t, d, "new", callout.NotEnrolled)
}

func TestWhileTheAPIServerIsAwayWhatIsKnownCountsAndThenWhatWasMissed(t *testing.T) {
	s := apiservertest.Start(t)
	s.Fleet(contract.NewPlaneID())
	s.Device("allowed", fleet.AccessAllowed)
	s.Device("revoked", fleet.AccessRevoked)
	d, ended := run(t, s)
	becomes(t, d, "allowed", callout.Allowed)
	s.Down()
	s.Device("allowed", fleet.AccessRevoked)
	s.Drop("revoked")
	if err := wait.Sleep(t.Context(), 200*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	becomes(t, d, "allowed", callout.Allowed)
	becomes(t, d, "revoked", callout.Revoked)
	s.Up()
	becomes(t, d, "allowed", callout.Revoked)
	becomes(t, d, "revoked", callout.NotEnrolled)
	select {
	case err := <-ended:
		t.Errorf("it ended: %v", err)
	default:
	}
}

func TestAFleetThatWasMadeAnewEndsIt(t *testing.T) {
	s := apiservertest.Start(t)
	s.Fleet(contract.NewPlaneID())
	d, ended := run(t, s)
	if _, err := d.Known(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Fleet(contract.NewPlaneID())
	err := <-ended
	var changed *diag.Diagnostic
	if !errors.As(err, &changed) || changed.Code != diag.PlaneChanged {
		t.Errorf("got %v", err)
	}
}
