// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
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

// A sharing is a stack that is brought up once for the whole test binary, by the first test that asks for it.
type sharing struct {
	sync.Once
	*stack
	err error
}

// shared are a fleet whose devices have passwords, and one whose devices have keys, which an issuer knows.
var shared struct{ passwords, keys sharing }

func TestMain(m *testing.M) {
	code := m.Run()
	for _, s := range []*stack{shared.passwords.stack, shared.keys.stack} {
		if err := s.takeDown(); err != nil {
			fmt.Fprintln(os.Stderr, "taking a stack down:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// up gives the shared stack whose devices have passwords. A test that breaks it puts it right by deploying again.
func up(t *testing.T) *stack {
	t.Helper()
	return shared.passwords.up(t, func(all deploy.All) deploy.All {
		all.Device = id(t, "e2e-1")
		return all
	})
}

// identified gives the shared stack that knows its devices by an issuer.
func identified(t *testing.T) *stack {
	t.Helper()
	return shared.keys.up(t, func(all deploy.All) deploy.All {
		all.Device, all.DeviceHost, all.NATS.DevicePort = id(t, "e2e-known"), node(t), devicePort+10
		all.Identity = &deploy.Identity{IssuerPort: devicePort + 11}
		return all
	})
}

// inEitherMode runs a test in both of them. One knob of the Score is the difference, and nothing of what a fleet does depends on it.
func inEitherMode(t *testing.T, test func(t *testing.T, s *stack)) {
	t.Run("passwords", func(t *testing.T) { test(t, up(t)) })
	t.Run("callout", func(t *testing.T) { test(t, identified(t)) })
}

func (s *sharing) up(t *testing.T, wanted func(deploy.All) deploy.All) *stack {
	t.Helper()
	topology := scoretest.Local(t)
	s.Do(func() {
		s.stack = &stack{topology: topology, fleet: wanted(deploy.All{
			NATS: deploy.NATS{Namespace: scoretest.Namespace(t), Devices: []contract.DeviceID{id(t, simulated)}},
		})}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), bringUpLimit)
		defer cancel()
		s.report, s.err = harmony.Deploy(ctx, s.placement())
	})
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.stack
}

func (s *stack) takeDown() error {
	if s == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), bringUpLimit)
	defer cancel()
	_, err := harmony.Run{Purge: true}.Remove(ctx, s.placement())
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

// admitting is the stack with a port for devices outside and further devices, which it knows until the test ends.
func (s *stack) admitting(t *testing.T, names ...string) *stack {
	t.Helper()
	more := *s
	if more.fleet.NATS.DevicePort == 0 {
		more.fleet.NATS.DevicePort = devicePort
	}
	more.fleet.NATS.Devices = more.fleet.NATS.Devices[:len(more.fleet.NATS.Devices):len(more.fleet.NATS.Devices)]
	for _, name := range names {
		more.fleet.NATS.Devices = append(more.fleet.NATS.Devices, id(t, name))
	}
	more.mend(t)
	t.Cleanup(func() { s.mend(t) })
	return &more
}

// nats is the fleet's, as its clients know it.
func (s *stack) nats() deploy.NATSRef { return s.fleet.Server().Stands().Ref() }

// node is an address of a node of the cluster.
func node(t *testing.T) string {
	t.Helper()
	return strings.Fields(needs.Kubectl(t, "get", "nodes", "--output=jsonpath={.items[*].status.addresses[?(@.type=='InternalIP')].address}"))[0]
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
	return deploy.AgentPod{Namespace: s.fleet.NATS.Namespace, Device: s.fleet.Device, NATS: s.nats(), Identity: s.fleet.Server().Provider()}
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
