// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/contract"
)

func TestAClockThatIsSetIsFound(t *testing.T) {
	c := newJumps()
	if found := c.jumped(); found != nil {
		t.Errorf("nobody set it: %v", found)
	}
	for _, by := range []time.Duration{2 * time.Hour, -2 * time.Hour} {
		c.wall = c.wall.Add(-by)
		if found := c.jumped(); found == nil || found.Code != diag.ClockJumped {
			t.Errorf("set by %s: %v", by, found)
		}
	}
}

func TestADeviceWithoutPodmanSaysSo(t *testing.T) {
	for name, more := range map[string]string{
		"none is wanted": "", "none is there": fmt.Sprintf("runtime_enabled = true\nruntime.state_dir = %q\nruntime.podman_socket = \"/does/not/exist\"", t.TempDir()),
	} {
		t.Run(name, func(t *testing.T) {
			s := natstest.Start(t, devices())
			fleet := s.Fleet()
			reports, err := fleet.SubscribeSync(contract.StateSubject(press))
			if err != nil {
				t.Fatal(err)
			}
			if err := fleet.Flush(); err != nil {
				t.Fatal(err)
			}
			run(t, more, s)
			until(t, "the finding", func(ctx context.Context) (string, bool) {
				m, err := reports.NextMsgWithContext(ctx)
				if err != nil {
					return err.Error(), false
				}
				got, err := contract.DecodeState(m.Data, press)
				return fmt.Sprint(got.Findings, err), slices.ContainsFunc(got.Findings, func(f contract.Finding) bool {
					return f.Kind == contract.FindingRuntime && f.Code == string(diag.RuntimeUnavailable)
				})
			})
		})
	}
}
