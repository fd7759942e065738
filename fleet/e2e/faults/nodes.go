// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/e2e/faults/internal/obstacle"
	"nationtech.io/harmony/wait"
)

// onSecond is a Score whose Pod runs on the node that faults may stop.
func onSecond(s *Stage) Score {
	return Score{Nodes: map[string]string{"kubernetes.io/hostname": s.second()}, Args: []string{"slow", "10"}}
}

// nodes are faults of machines.
func nodes() []Fault {
	return []Fault{
		{
			Name: "no-node-taint", Nodes: true, Score: onSecond,
			Before: func(ctx context.Context, s *Stage) error {
				return s.kubectl(ctx, "taint", "node", s.second(), "faults=yes:NoSchedule")
			},
			After: func(ctx context.Context, s *Stage) error {
				return s.kubectl(ctx, "taint", "node", s.second(), "faults-")
			},
			Code: diag.Unschedulable, Path: "Pod/victim", Cause: says(`taint`),
		},
		{
			Name: "node-not-ready", Nodes: true, Score: onSecond,
			While: later(4*time.Second, func(ctx context.Context, s *Stage) error { return s.do(ctx, "node", "stop", s.second(), "--kill") }),
			After: func(ctx context.Context, s *Stage) error { return s.do(ctx, "up") },
			Code:  diag.NodeNotReady, Path: "Pod/victim", Cause: says(`node.*(not ready|stopped posting|NodeStatusUnknown)`),
		},
		{
			Name: "api-lost", Nodes: true, Score: fixed(Score{Args: []string{"slow", "200"}}),
			While: later(4*time.Second, func(ctx context.Context, s *Stage) error {
				return s.do(ctx, "node", "stop", s.Place.Cluster().Nodes[0], "--kill")
			}),
			After: func(ctx context.Context, s *Stage) error { return s.do(ctx, "up") },
			Code:  diag.APILost, Cause: says(`(no route to host|refused|timeout|unreachable|EOF|reset)`),
		},
	}
}

// later does something when the deploy has gone on for a while.
func later(after time.Duration, do func(context.Context, *Stage) error) func(context.Context, *Stage) error {
	return func(ctx context.Context, s *Stage) error {
		if err := wait.Sleep(ctx, after); err != nil {
			return err
		}
		return do(ctx, s)
	}
}

// comes is how late what heals comes.
const comes = 15 * time.Second

// healing are deploys that end well.
func healing() []Fault {
	return []Fault{
		{Name: "image-appears", Score: func(s *Stage) Score { return Score{Image: s.Open + "/late:1"} }, While: later(comes, pushLate)},
		{Name: "secret-appears", Score: fixed(Score{SecretName: "given"}), While: later(comes, puts(given))},
		{Name: "configmap-appears", Score: fixed(Score{ConfigName: "given"}), While: later(12*time.Second, puts(obstacle.Score{Label: "given", ConfigMap: "given"}))},
		{Name: "slow-start", Score: fixed(Score{Args: []string{"slow", "40"}})},
		{Name: "client-before-its-database", Score: fixed(Score{Args: []string{"recover", "2"}})},
		{Name: "quota-is-raised", Before: bars(obstacle.Score{Quota: true}, "exceeded quota"), Score: fixed(Score{}), While: later(10*time.Second, takes(obstacle.Score{}))},
		{Name: "webhook-goes-away", Before: bars(obstacle.Score{Webhook: true}, "failed calling webhook"), Score: fixed(Score{}), While: later(10*time.Second, takes(obstacle.Score{}))},
		{
			Name: "storage-class-appears", Score: fixed(Score{Class: "faults-late"}),
			While: later(10*time.Second, puts(obstacle.Score{Class: "faults-late"})), After: takes(obstacle.Score{}),
		},
		{
			Name: "taint-is-removed", Nodes: true, Score: onSecond,
			Before: func(ctx context.Context, s *Stage) error {
				return s.kubectl(ctx, "taint", "node", s.second(), "faults=yes:NoSchedule")
			},
			While: later(comes, func(ctx context.Context, s *Stage) error {
				return s.kubectl(ctx, "taint", "node", s.second(), "faults-")
			}),
		},
		{
			Name: "node-comes-back", Nodes: true, Score: onSecond,
			While: later(4*time.Second, func(ctx context.Context, s *Stage) error {
				if err := s.do(ctx, "node", "stop", s.second(), "--kill"); err != nil {
					return err
				}
				return later(comes, func(ctx context.Context, s *Stage) error { return s.do(ctx, "node", "start", s.second()) })(ctx, s)
			}),
		},
		{
			Name: "api-server-restarts", Nodes: true, Score: fixed(Score{Args: []string{"slow", "20"}}),
			While: later(4*time.Second, func(ctx context.Context, s *Stage) error {
				first := s.Place.Cluster().Nodes[0]
				if err := s.do(ctx, "node", "stop", first, "--kill"); err != nil {
					return err
				}
				return s.do(ctx, "node", "start", first)
			}),
		},
	}
}
