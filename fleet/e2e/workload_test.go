// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	api "nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/agent/podmantest"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/wait"
)

// running are the containers of the workload that podman says run on the device, as "IMAGE".
func running(ctx context.Context, t *testing.T, device podmantest.Machine) (images []string) {
	t.Helper()
	all, err := api.New(device.Socket).Containers(ctx, "io.nationtech.harmony.name=shop")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.State == "running" {
			images = append(images, c.Image)
		}
	}
	return images
}

// runs waits until exactly these images run on the device, which podman says and nobody else.
func runs(t *testing.T, device podmantest.Machine, images ...string) {
	t.Helper()
	want := fmt.Sprint(images)
	err := wait.Until(t.Context(), "podman to run "+want, wait.Pace{Limit: time.Minute, Every: 200 * time.Millisecond}, func(ctx context.Context) (string, bool, error) {
		got := fmt.Sprint(running(ctx, t, device))
		return got, got == want, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *stack) shop(t *testing.T, image string) {
	t.Helper()
	s.apply(t, fmt.Sprintf(`{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Deployment","metadata":{"name":"shop"},"spec":{
		"targetSelector":{"matchLabels":{"site":"home"}},"score":{"type":"PodmanV0","data":{"services":[{"name":"web","image":%q,"args":["say=open","wait"]}]}}}}`, image))
}

func TestADeploymentRunsInPodmanOnADeviceThroughTheDeathOfEveryPart(t *testing.T) {
	inEitherMode(t, survives)
}

func survives(t *testing.T, s *stack) {
	device := podmantest.Start(t)
	s = s.admitting(t, "podman-1")
	name := s.enrolled(t, "podman-1", "home")
	m := s.machine(t, name, &podman{socket: device.Socket})
	t.Cleanup(func() {
		needs.Kubectl(scope{t, context.WithoutCancel(t.Context())}, "--namespace", s.fleet.NATS.Namespace, "delete",
			"fleetdep/shop", "--ignore-not-found", "--timeout=30s")
	})
	first, second := device.Image, device.Push(t, "test/service:2")

	s.shop(t, first)
	s.kubectl(t, "wait", "--for=condition=Ready", "fleetdep/shop", "--timeout=60s")
	runs(t, device, first)

	s.shop(t, device.Missing())
	s.kubectl(t, "wait", "--for=condition=Degraded", "fleetdep/shop", "--timeout=60s")
	if got := s.field(t, "fleetdep", "shop", ".status.lastError.device"); got != name.String() {
		t.Errorf("the failure is told of %q", got)
	}

	s.shop(t, second)
	s.until(t, "fleetdep", "shop", ".status.devices.ready}{.status.devices.failed", "10")
	runs(t, device, second)

	// The device loses its power while the content changes, and the operator dies, too.
	m.kill(t)
	s.shop(t, first)
	s.kubectl(t, "delete", "pod", "--selector=app.kubernetes.io/name=harmony-fleet-operator", "--grace-period=0", "--force")
	runs(t, device, second)
	m.start(t)
	runs(t, device, first)
	s.until(t, "fleetdep", "shop", ".status.release.generation}{.status.devices.ready", "41")

	s.kubectl(t, "delete", "pod", "nats-0", "--grace-period=0", "--force")
	s.shop(t, second)
	runs(t, device, second)

	s.kubectl(t, "delete", "fleetdep", "shop", "--timeout=60s")
	if left := running(t.Context(), t, device); len(left) > 0 {
		t.Errorf("the Deployment is gone, and the device runs %s", strings.Join(left, " "))
	}
}
