// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"os"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/podmantest"
	"nationtech.io/harmony/fleet/contract"
)

func TestAWorkloadOfARootlessPodmanIsRunChangedKeptAndRemoved(t *testing.T) {
	lives(t, buildOn(t, podmantest.StartRootless(t)), contract.Resources{})
}

// A user without rights has no limits where cgroups are of version 1; and where they are of version 2, only if some were given to him.
func TestAWorkloadIsNotRunWithoutItsLimits(t *testing.T) {
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		t.Skip("needs: cgroups of version 1")
	}
	s := buildOn(t, podmantest.StartRootless(t))
	service, init := one(s.waits()), one(s.waits())
	service.Services[0].Resources.MemoryMiB = 64
	init.InitContainers = []contract.Container{{Name: "init", Image: s.podman.Image, Args: []string{"exit=0"}, Resources: contract.Resources{CPUMillis: 500}}}
	web, job := s.workload(1, "web", 1, service), s.workload(2, "job", 1, init)
	s.tell(web, job)
	for _, e := range []contract.Entry{web, job} {
		s.sees(e.Name+" without its limits", is(e, contract.Failed, diag.LimitsNotKept))
	}
	if left := s.ids(); len(left) != 0 {
		t.Errorf("containers are left: %v", left)
	}
}
