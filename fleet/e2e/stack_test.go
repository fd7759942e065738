// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/deploy"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/topology/local"
)

// A stack is a fleet in a namespace of its own.
type stack struct {
	topology *local.Topology
	fleet    deploy.All
	report   harmony.Report
}

const (
	bringUpLimit = 20 * time.Minute // with images to build
	stale        = time.Hour        // a stack that stands longer was left by a run that was killed
)

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
	needs.Local(t)
	shared.Do(func() { shared.stack, shared.err = bringUp() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.stack
}

func bringUp() (*stack, error) {
	ctx, cancel := context.WithTimeout(context.Background(), bringUpLimit)
	defer cancel()
	topology, err := local.Open(ctx, local.Options{Name: needs.Name()})
	if err != nil {
		return nil, err
	}
	if err := prune(ctx, topology); err != nil {
		return nil, err
	}
	id, err := contract.ParseDeviceID("e2e-1")
	if err != nil {
		return nil, err
	}
	s := &stack{topology: topology, fleet: deploy.All{NATS: deploy.NATS{Namespace: namespace()}, Device: id}}
	s.report, err = harmony.Deploy(ctx, s.placement())
	return s, err
}

func takeDown() error {
	if shared.stack == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), bringUpLimit)
	defer cancel()
	defer shared.topology.Close()
	_, err := harmony.Run{Purge: true}.Remove(ctx, shared.placement())
	return err
}

// namespace is e2e- and 8 random letters and digits.
func namespace() string { return "e2e-" + strings.ToLower(secret.Random().Reveal()[:8]) }

// prune takes away what runs that were killed have left.
func prune(ctx context.Context, topology *local.Topology) error {
	standing, err := topology.Components(ctx, "")
	var errs []error
	for _, s := range standing {
		if strings.HasPrefix(s.Namespace, "e2e-") && time.Since(s.Since) > stale {
			_, err := topology.Kubernetes().Remove(ctx, kube.Inventory{Namespace: s.Namespace, Name: s.Component}, harmony.Removal{Purge: true})
			errs = append(errs, err)
		}
	}
	return errors.Join(err, errors.Join(errs...))
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
