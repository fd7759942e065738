// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/messaging"
)

// buckets is the JetStream of the fleet, as its administrator.
func (s *stack) buckets(t *testing.T) jetstream.JetStream {
	t.Helper()
	conn, err := messaging.Connect(t.Context(), s.topology.Kubernetes(), s.fleet.NATS.Ref().Login("administrator"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// planned is what a plan would do about the streams, and what it cannot know of them.
func (s *stack) planned(t *testing.T) (streams []harmony.Planned, later []string) {
	t.Helper()
	report, err := harmony.Plan(t.Context(), s.placement())
	if err != nil {
		t.Fatal(err)
	}
	nats := result(t, report, "nats")
	for _, p := range nats.Planned {
		if p.Intent != harmony.Keep {
			streams = append(streams, p)
		}
	}
	return streams, nats.Later
}

func TestAPlanTellsOfBucketsThatSomeoneEditedOrDeleted(t *testing.T) {
	s := up(t)
	t.Cleanup(func() { s.mend(t) })
	if planned, later := s.planned(t); len(planned)+len(later) > 0 {
		t.Fatalf("nobody changed anything, and the plan is %+v, later %v", planned, later)
	}
	js := s.buckets(t)
	releases, err := js.Stream(t.Context(), "KV_releases")
	if err != nil {
		t.Fatal(err)
	}
	edited := releases.CachedInfo().Config
	wanted := edited.MaxMsgSize
	edited.MaxMsgSize = 1024
	if _, err := js.UpdateStream(t.Context(), edited); err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), "KV_desired-state"); err != nil {
		t.Fatal(err)
	}
	want := []harmony.Planned{
		{Intent: harmony.Create, Object: "stream KV_desired-state"},
		{Intent: harmony.Repair, Object: "stream KV_releases", Fields: []harmony.Field{
			{Path: "max_msg_size", Before: float64(1024), After: float64(wanted)},
		}},
	}
	planned, _ := s.planned(t)
	if diff := cmp.Diff(want, planned); diff != "" {
		t.Error(diff)
	}
	done := map[string]harmony.Action{}
	for _, c := range result(t, s.mend(t), "nats").Changes {
		done[c.Object] = c.Action
	}
	if diff := cmp.Diff(map[string]harmony.Action{"stream KV_desired-state": harmony.Created, "stream KV_releases": harmony.Repaired}, done); diff != "" {
		t.Errorf("the deploy did something else than the plan said:\n%s", diff)
	}
	if planned, later := s.planned(t); len(planned)+len(later) > 0 {
		t.Errorf("after the deploy the plan is %+v, later %v", planned, later)
	}
}
