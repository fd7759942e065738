// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/probe"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/wait"
)

// rolling is a Deployment whose releases go from one device to the next.
func (s *stack) rolling(t *testing.T, image string) {
	t.Helper()
	s.apply(t, fmt.Sprintf(`{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Deployment","metadata":{"name":"rolling"},"spec":{
		"targetSelector":{"matchLabels":{"site":"rolling"}},
		"rollout":{"batchSize":1,"healthWindow":"1s","pauseAtFailureShare":30},
		"score":{"type":"PodmanV0","data":{"services":[{"name":"web","image":%q}]}}}}`, image))
}

// run waits until so many of the devices run an image, which the devices say and nobody else.
func run(t *testing.T, devices []*probe.Device, image string, want int) {
	t.Helper()
	err := wait.Until(t.Context(), fmt.Sprintf("%s on %d devices", image, want), wait.Pace{Limit: time.Minute, Every: 100 * time.Millisecond}, func(context.Context) (string, bool, error) {
		n := 0
		for _, d := range devices {
			if strings.Contains(d.Content(), image) {
				n++
			}
		}
		return fmt.Sprint(n), n == want, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAReleaseGoesFromDeviceToDeviceAndPeopleHoldItUp(t *testing.T) {
	names := []string{"e2e-rolling-1", "e2e-rolling-2", "e2e-rolling-3"}
	s := up(t).admitting(t, names...)
	p := s.person(t)
	var devices []*probe.Device
	for _, name := range names {
		devices = append(devices, s.online(t, name, "rolling"))
	}
	t.Cleanup(func() {
		needs.Kubectl(scope{t, context.WithoutCancel(t.Context())}, "--namespace", p.fleet, "delete", "fleetdep", "rolling", "--ignore-not-found", "--timeout=60s")
	})
	const first, second, third = "registry.invalid/web:1", "registry.invalid/web:2", "registry.invalid/web:3"
	s.rolling(t, first)
	p.sees(t, 0, []string{"3 of 3 devices ready"}, "rollout", "status", "rolling")
	run(t, devices, first, len(devices))

	// A device that cannot run the second release stops it, and the last one is never told.
	for _, d := range devices {
		d.Fail("image-missing")
	}
	s.rolling(t, second)
	p.sees(t, 1, []string{string(diag.RolloutUnfinished), "TooManyFailed"}, "rollout", "status", "rolling")
	s.until(t, "fleetdep", "rolling", `.status.conditions[?(@.type=="Degraded")].reason`, "TooManyFailed")

	// A new leader goes on from there: it tells nobody else.
	s.kubectl(t, "delete", "pod", "--selector=app.kubernetes.io/name=harmony-fleet-operator", "--grace-period=0", "--force")
	s.kubectl(t, "wait", "--for=condition=Ready=False", "fleetstate/fleet", "--timeout=60s")
	s.kubectl(t, "wait", "--for=condition=Ready", "fleetstate/fleet", "--timeout=90s")

	for _, d := range devices {
		d.Fail("")
	}
	run(t, devices, second, 1)
	run(t, devices, first, len(devices)-1)
	p.sees(t, 0, nil, "rollout", "resume", "rolling")
	p.sees(t, 0, []string{"3 of 3 devices ready"}, "rollout", "status", "rolling")
	run(t, devices, second, len(devices))

	p.sees(t, 0, nil, "rollout", "pause", "rolling")
	s.rolling(t, third)
	p.sees(t, 1, []string{"Paused"}, "rollout", "status", "rolling")
	run(t, devices, third, 0)
	p.sees(t, 0, nil, "rollout", "resume", "rolling")
	p.sees(t, 0, []string{"3 of 3 devices ready"}, "rollout", "status", "rolling")
	run(t, devices, third, len(devices))

	p.sees(t, 0, []string{"undone"}, "rollout", "undo", "rolling", "--yes")
	p.sees(t, 0, []string{"3 of 3 devices ready"}, "rollout", "status", "rolling")
	run(t, devices, second, len(devices))
}
