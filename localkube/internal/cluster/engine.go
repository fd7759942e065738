// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"nationtech.io/harmony/localkube/internal/build"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/prereq"
	"nationtech.io/harmony/localkube/internal/state"
)

// Engine gives the engine that a cluster runs, which is kubectl too.
func (m Manager) Engine(_ context.Context, name string) (string, state.Cluster, error) {
	c := m.Root.Cluster(name)
	if err := state.CheckName(name); err != nil {
		return "", c, err
	}
	if _, err := c.Load(); err != nil {
		return "", c, err
	}
	var programs build.Programs
	content, err := os.ReadFile(programsFile(c))
	if err == nil {
		err = json.Unmarshal(content, &programs)
	}
	if err != nil {
		return "", c, fault.Wrap(fault.Absent, err, "cluster %q was never started", name)
	}
	return filepath.Join(programs.Dirs["engine"], "engine"), c, nil
}

// Check looks whether this machine can run a cluster and build what is missing.
func (m Manager) Check(ctx context.Context) error {
	needs := prereq.Needs{State: string(m.Root)}
	plan, err := build.NewPlan(ctx, m.Source)
	if err != nil {
		return err
	}
	needs.Build, needs.CGO = plan.Needed()
	return prereq.Check(ctx, needs)
}
