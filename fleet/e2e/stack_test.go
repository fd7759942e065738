// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/deploy"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/scoretest"
	"nationtech.io/harmony/topology/local"
)

// A stack is a fleet in a namespace of its own.
type stack struct {
	topology *local.Topology
	fleet    deploy.All
	report   harmony.Report
}

const bringUpLimit = 20 * time.Minute // with images to build

// shared is brought up once for the whole test binary, by the first test that asks for it.
var shared struct {
	sync.Once
	*stack
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := takeDown(); err != nil {
		fmt.Fprintln(os.Stderr, "taking the stack down:", err)
		code = 1
	}
	os.Exit(code)
}

// up gives the shared stack. A test that breaks it puts it right by deploying again.
func up(t *testing.T) *stack {
	t.Helper()
	topology := scoretest.Local(t)
	shared.Do(func() {
		shared.stack = &stack{topology: topology, fleet: deploy.All{
			NATS: deploy.NATS{Namespace: scoretest.Namespace(t), Devices: []contract.DeviceID{id(t, simulated)}}, Device: id(t, "e2e-1"),
		}}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), bringUpLimit)
		defer cancel()
		shared.report, shared.err = harmony.Deploy(ctx, shared.placement())
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.stack
}

func takeDown() error {
	if shared.stack == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), bringUpLimit)
	defer cancel()
	_, err := harmony.Run{Purge: true}.Remove(ctx, shared.placement())
	return err
}

func (s *stack) placement() *harmony.Placement { return harmony.Place(s.fleet).On(s.topology) }

// mend deploys again and asks that all is well.
func (s *stack) mend(t *testing.T) harmony.Report {
	t.Helper()
	// Also after the test, when its own context has ended.
	report, err := harmony.Deploy(context.WithoutCancel(t.Context()), s.placement())
	if err != nil {
		t.Fatalf("deploying again does not mend it: %v", err)
	}
	return report
}

// kubectl does what a person would do by hand.
func (s *stack) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	return needs.Kubectl(t, append([]string{"--namespace", s.fleet.NATS.Namespace}, args...)...)
}

// result finds a placement in a report by its name.
func result(t *testing.T, r harmony.Report, name string) harmony.Result {
	t.Helper()
	for _, p := range r.Placements {
		if p.Path[len(p.Path)-1] == name {
			return p
		}
	}
	t.Fatalf("%s is not in the report", name)
	return harmony.Result{}
}

func (s *stack) agent() deploy.AgentPod {
	return deploy.AgentPod{Namespace: s.fleet.NATS.Namespace, Device: s.fleet.Device, NATS: s.fleet.NATS.Ref()}
}

func id(t *testing.T, name string) contract.DeviceID {
	t.Helper()
	id, err := contract.ParseDeviceID(name)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
