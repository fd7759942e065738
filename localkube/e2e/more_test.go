// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClustersStandSideBySide(t *testing.T) {
	u, other := newUser(t), newUser(t) // also with state directories that know nothing of each other
	var a, b result
	var group sync.WaitGroup
	group.Go(func() { a = u.run("up", "--name", "lke2e-side") })
	group.Go(func() { b = other.run("up", "--name", "lke2e-side") })
	group.Wait()
	if a.Gateway == b.Gateway {
		t.Fatalf("both clusters have gateway %s", a.Gateway)
	}
	u.kubectl("lke2e-side", "create", "namespace", "only-here")
	if seen := other.kubectl("lke2e-side", "get", "namespaces", "-o", "name"); strings.Contains(seen, "only-here") {
		t.Errorf("the other cluster has it too: %s", seen)
	}
	u.run("down", "--name", "lke2e-side")
	if r := other.run("up", "--name", "lke2e-side"); !r.Already {
		t.Errorf("taking one down disturbed the other: %+v", r)
	}
}

func TestNodesOfACluster(t *testing.T) {
	const name, second = "lke2e-nodes", "lke2e-nodes-2"
	u := newUser(t)
	before := snapshot(t, name, u.state)
	gateway := u.run("up", "--name", name, "--nodes", "2").Gateway
	ready := func(want string) func() (bool, string) {
		return func() (bool, string) {
			seen := u.kubectl(name, "get", "node", second, "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].status}`)
			return seen == want, seen
		}
	}
	step(u, name, "a partitioned node becomes NotReady and a healed one Ready", func(t *testing.T) {
		u.run("node", "partition", second, "--name", name)
		u.eventually("the node to be NotReady", 30*time.Second, ready("Unknown"))
		u.run("node", "heal", second, "--name", name)
		u.eventually("the node to be Ready", 30*time.Second, ready("True"))
	})
	step(u, name, "a node whose power went comes back by up", func(t *testing.T) {
		u.run("node", "stop", "--kill", second, "--name", name)
		u.eventually("the node to be NotReady", 30*time.Second, ready("Unknown"))
		if state := u.run("status", "--name", name).State; state != "degraded" {
			t.Errorf("state %q, want degraded", state)
		}
		if r := u.run("up", "--name", name); r.Already {
			t.Errorf("up saw nothing to do: %+v", r)
		}
		if _, seen := ready("True")(); seen != "True" {
			t.Errorf("up returned with Ready=%s", seen)
		}
	})
	step(u, name, "a cluster grows", func(t *testing.T) {
		u.run("up", "--name", name, "--nodes", "3")
		seen := strings.Fields(u.kubectl(name, "get", "nodes", "-o", "jsonpath={.items[*].metadata.name}"))
		if diff := cmp.Diff([]string{name, second, name + "-3"}, seen); diff != "" {
			t.Error(diff)
		}
		if r, code := u.try("up", "--name", name, "--nodes", "1"); code != 2 || r.Kind != "usage" {
			t.Errorf("shrinking: code %d, %+v", code, r)
		}
	})
	step(u, name, "down leaves nothing", func(t *testing.T) {
		u.run("down", "--name", name)
		assertNothingLeft(t, before, name, gateway, u)
	})
}

func TestUpThatWasCutShort(t *testing.T) {
	const name = "lke2e-cut"
	u := newUser(t)
	before := snapshot(t, name, u.state)
	command := u.command(t.Context(), "up", "--name", name)
	check(t, command.Start())
	u.eventually("a supervisor", 30*time.Second, func() (bool, string) {
		r, _ := u.try("status", "--name", name)
		return r.Supervisor != 0, r.Message
	})
	supervisor := u.run("status", "--name", name).Supervisor
	check(t, command.Process.Signal(syscall.SIGKILL))
	check(t, syscall.Kill(supervisor, syscall.SIGKILL))
	_ = command.Wait()
	gateway := u.run("up", "--name", name).Gateway
	u.run("down", "--name", name)
	assertNothingLeft(t, before, name, gateway, u)
}

func TestOfWhatIsNotThere(t *testing.T) {
	u := newUser(t)
	for _, test := range []struct {
		args []string
		kind string
		code int
	}{
		{[]string{"status", "--name", "lke2e-none"}, "absent", 1},
		{[]string{"stop", "--name", "lke2e-none"}, "absent", 1},
		{[]string{"image", "list", "--name", "lke2e-none"}, "absent", 1},
		{[]string{"node", "stop", "x", "--name", "lke2e-none"}, "absent", 1},
		{[]string{"up", "--name", "Not_A_Label"}, "usage", 2},
		{[]string{"up", "--nodes", "99"}, "usage", 2},
		{[]string{"down", "--name", "../.."}, "usage", 2},
	} {
		if r, code := u.try(test.args...); code != test.code || r.Kind != test.kind {
			t.Errorf("%q: code %d, kind %q, %q; want %d, %q", test.args, code, r.Kind, r.Message, test.code, test.kind)
		}
	}
	if _, code := u.try("down", "--name", "lke2e-none"); code != 0 {
		t.Errorf("down of what is not there: code %d", code)
	}
}
