// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"strings"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/podmantest"
	"nationtech.io/harmony/fleet/contract"
)

// The disk of the device is full: what is new says so, what runs goes on, and all is well when there is room again.
func TestADiskThatIsFullIsSaidAndWhatRunsGoesOn(t *testing.T) {
	const disk = 48 << 20
	b := onPodman(t, podmantest.StartSmall(t, disk))
	web := b.wants("web", b.service())
	b.sees(web, contract.Running, "")
	runs := b.container(web)

	larger := b.service()
	larger.Image = b.machine.PushLarger(t, "test/larger:1", disk)
	large := b.wants("large", larger)
	full(t, b.sees(large, contract.Failed, diag.ImageNotPulled))
	b.sees(web, contract.Running, "")

	free, err := b.machine.Podman.Fill()
	if err != nil {
		t.Fatal(err)
	}
	more := b.wants("more", b.service())
	full(t, b.sees(more, contract.Failed, diag.NotStarted))
	b.sees(web, contract.Running, "")
	if now := b.container(web); now != runs {
		t.Errorf("what ran was made anew: %s, %s", runs, now)
	}
	if err := free(); err != nil {
		t.Fatal(err)
	}
	b.Retry() // at once
	b.sees(more, contract.Running, "")
	b.sees(web, contract.Running, "")
}

func full(t *testing.T, fault *diag.Diagnostic) {
	t.Helper()
	t.Log(fault)
	if !strings.Contains(fault.Error(), "no space left on device") {
		t.Errorf("nobody says that the disk is full: %v", fault)
	}
}

// container is that of the only service of a workload.
func (b *bench) container(uid contract.WorkloadUID) string {
	b.t.Helper()
	all, err := b.Containers(b.ctx, uid)
	if err != nil || len(all) != 1 || all[0].State != "running" {
		b.t.Fatalf("%+v, %v", all, err)
	}
	return all[0].ID
}
