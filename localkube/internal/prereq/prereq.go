// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package prereq looks whether the machine can run a cluster, and says all that
// is missing at once.
package prereq

import (
	"context"
	"os"

	"nationtech.io/harmony/localkube/internal/cgroup"
	"nationtech.io/harmony/localkube/internal/fault"
)

// Needs is what is about to be done.
type Needs struct {
	State string // directory of the state, which need not exist
	Build bool   // something has to be built
	CGO   bool   // and takes a C compiler
}

// Check gives a fault.Prerequisite error with everything that is missing, or nil.
func Check(ctx context.Context, n Needs) error {
	missing := programs()
	if n.Build {
		missing = append(missing, tools(ctx, n.CGO)...)
	}
	missing = append(missing, room(ctx, n)...)
	for _, controller := range cgroup.Missing() {
		missing = append(missing, fault.Missing{
			What: "cgroup controller " + controller, Why: "the kubelet limits Pods with it",
			Help: "enable it on the kernel's command line, for instance cgroup_enable=" + controller,
		})
	}
	if os.Geteuid() != 0 {
		missing = append(missing, fault.Missing{
			What: "root", Why: "nodes are made of namespaces, mounts and network devices", Help: "run it with sudo",
		})
	} else {
		missing = append(missing, kernel(ctx, n.State)...)
	}
	if len(missing) == 0 {
		return nil
	}
	f := fault.New(fault.Prerequisite, "this machine cannot run a local cluster")
	f.Missing = missing
	return f
}
