// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/fleet/e2e/faults/internal/obstacle"
	"nationtech.io/harmony/topology/local"
	"nationtech.io/harmony/wait"
)

// A Stage is where one fault happens: a cluster of this machine, a namespace of its own, and registries.
type Stage struct {
	Place     *local.Topology
	Localkube string // the program, a path
	Namespace string // set by Try
	Record    string // a directory for recordings of what the cluster says; none when empty
	*Registries
}

// do runs localkube on the stage's cluster.
func (s *Stage) do(ctx context.Context, args ...string) error {
	args = append(args, "--name", s.Place.Cluster().Name)
	return run(ctx, s.Localkube, args...)
}

// kubectl does by hand what a fault wants broken.
func (s *Stage) kubectl(ctx context.Context, args ...string) error {
	return run(ctx, s.Localkube, append([]string{"kubectl", "--name", s.Place.Cluster().Name}, args...)...)
}

func run(ctx context.Context, program string, args ...string) error {
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %s: %w", strings.Join(args, " "), strings.TrimSpace(string(out)), err)
	}
	return nil
}

// put deploys what stands in the way, or what was lacking.
func (s *Stage) put(ctx context.Context, o obstacle.Score) error {
	o.Namespace = s.Namespace
	_, err := harmony.Run{}.Deploy(ctx, harmony.Place(o).On(s.Place))
	return err
}

// take removes what stands in the way.
func (s *Stage) take(ctx context.Context, o obstacle.Score) error {
	o.Namespace = s.Namespace
	_, err := harmony.Run{Purge: true}.Remove(ctx, harmony.Place(o).On(s.Place))
	return err
}

// second is the node that faults may stop.
func (s *Stage) second() string { return s.Place.Cluster().Nodes[1] }

func puts(o obstacle.Score) func(context.Context, *Stage) error {
	return func(ctx context.Context, s *Stage) error { return s.put(ctx, o) }
}

func takes(o obstacle.Score) func(context.Context, *Stage) error {
	return func(ctx context.Context, s *Stage) error { return s.take(ctx, o) }
}

// modest lets a Pod pass what every namespace of Harmony asks of one.
const modest = `{"spec":{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"probe",` +
	`"image":"probe","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}`

// bars puts what makes the cluster refuse Pods in the way, and sees that it does, in these words: an API server asks new
// policies and webhooks some moments after they were made.
func bars(o obstacle.Score, words string) func(context.Context, *Stage) error {
	return func(ctx context.Context, s *Stage) error {
		if err := s.put(ctx, o); err != nil {
			return err
		}
		return wait.Until(ctx, "Pods to be refused", wait.Pace{Every: 200 * time.Millisecond, Limit: time.Minute}, func(ctx context.Context) (string, bool, error) {
			err := s.kubectl(ctx, "--namespace", s.Namespace, "run", "probe", "--image", "probe", "--dry-run=server", "--overrides", modest)
			if err == nil {
				return "a Pod may be made", false, nil
			}
			return err.Error(), strings.Contains(err.Error(), words), nil
		})
	}
}
