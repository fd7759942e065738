// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"fmt"
	"slices"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/podmantest"
	"nationtech.io/harmony/fleet/contract"
)

func TestWhatIsSlowDelaysNothingElse(t *testing.T) {
	s := build(t)
	const slow = 5 // more than may be worked on at once
	old := s.workload(1, "old", 1, one(s.waits()))
	s.tell(old)
	s.sees("what is to be removed", is(old, contract.Running, ""))
	var all []contract.Entry
	for i := range slow {
		pulled, waiting, lingering := one(s.waits()), one(s.waits()), s.waits()
		pulled.Services[0].Image = s.podman.Push(t, fmt.Sprintf("%s:%d", podmantest.Silent, i))
		waiting.InitContainers = []contract.Container{{Name: "init", Image: s.podman.Image, Args: []string{"wait"}}}
		waiting.InitTimeoutSeconds = 3600
		lingering.Args, lingering.StopGraceSeconds = []string{"linger"}, 600
		all = append(all, s.workload(10+i, fmt.Sprintf("pulled-%d", i), 1, pulled), s.workload(20+i, fmt.Sprintf("waiting-%d", i), 1, waiting),
			s.workload(30+i, fmt.Sprintf("lingering-%d", i), 1, one(lingering)))
	}
	s.tell(append(all, old)...)
	for _, e := range all {
		switch e.Name[:4] {
		case "wait":
			s.sees(e.Name, is(e, contract.Starting, ""))
		case "ling":
			s.sees(e.Name, is(e, contract.Running, ""))
		}
	}
	for i := range all {
		if all[i].Name[:4] == "ling" {
			all[i].Want, all[i].Generation = contract.Absent, 2
		}
	}
	old.Want, old.Generation = contract.Absent, 2
	web, another := s.workload(2, "web", 1, one(s.waits())), one(s.waits())
	another.Services[0].Image = s.podman.Push(t, "test/another:1")
	fetched := s.workload(3, "fetched", 1, another)
	s.tell(append(all, old, web, fetched)...)
	s.sees("that a workload comes", is(web, contract.Running, ""))
	s.sees("that another is fetched", is(fetched, contract.Running, ""))
	last := s.sees("that one goes", func(r contract.State) bool {
		return !slices.ContainsFunc(r.Workloads, func(w contract.Workload) bool { return w.UID == old.UID })
	})
	for _, e := range all {
		if !slices.ContainsFunc(last.Workloads, func(w contract.Workload) bool {
			return w.UID == e.UID && slices.Contains([]contract.Phase{contract.Pulling, contract.Starting, contract.Removing}, w.Phase)
		}) {
			t.Errorf("%s is not slow: %+v", e.Name, last.Workloads)
		}
	}
}

// What podman is asked hangs, and its containers go on.
func TestWhatPodmanDoesNotTellForLongIsNotSaidToRun(t *testing.T) {
	s := build(t)
	web := s.workload(1, "web", 1, one(s.waits()))
	s.tell(web)
	s.sees("that it runs", is(web, contract.Running, ""))
	before := s.ids()
	broken(t, s.podman.Podman.Hang())
	s.sees("that nobody knows", is(web, contract.Degraded, diag.RuntimeUnavailable))
	s.end()
	s.boot()
	s.sees("that nothing was seen yet", is(web, contract.Pending, diag.RuntimeUnavailable))
	broken(t, s.podman.Podman.Wake())
	s.sees("that it runs again", is(web, contract.Running, ""))
	if after := s.ids(); after["shop.web.web"] != before["shop.web.web"] || len(after) != 1 {
		t.Errorf("%v became %v", before, after)
	}
}

func TestAPodmanThatComesBackSoonChangesNothing(t *testing.T) {
	s := build(t)
	c := s.waits()
	c.Health = &contract.HealthCheck{Command: []string{"/service", "exit=0"}, IntervalSeconds: 1}
	web := s.workload(1, "web", 1, one(c))
	s.tell(web)
	s.sees("that it runs", is(web, contract.Running, ""))
	before := s.ids()
	s.mu.Lock()
	clear(s.phases)
	s.mu.Unlock()
	for range 3 {
		broken(t, s.podman.Podman.Hang())
		s.end() // what it asks meanwhile is given up
		broken(t, s.podman.Podman.Kill())
		s.boot()
		s.sees("that it still runs", func(r contract.State) bool { return r.Instance == s.instance && is(web, contract.Running, "")(r) })
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.phases["web"] {
		if p != contract.Running {
			t.Errorf("what runs was said to be %s: %v", p, s.phases["web"])
		}
	}
	if after := s.ids(); after["shop.web.web"] != before["shop.web.web"] {
		t.Errorf("%v became %v", before, after)
	}
}

func broken(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
