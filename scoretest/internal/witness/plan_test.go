// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package witness_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/deploy"
	"nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/scoretest"
	"nationtech.io/harmony/scoretest/internal/audit"
	"nationtech.io/harmony/scoretest/internal/witness"
	"nationtech.io/harmony/scoretest/internal/world"
	"nationtech.io/harmony/topology/local"
)

// a plannedScore is one whose plans are looked at, as it is and as it shall be next.
type plannedScore struct {
	name   string
	is     func(namespace string, on deploy.AllPlace) *harmony.Placement
	next   func(namespace string, on deploy.AllPlace) *harmony.Placement
	breaks string // an object that is deleted by hand
}

func scores(t *testing.T) []plannedScore {
	t.Helper()
	device := func(name string) contract.DeviceID {
		id, err := contract.ParseDeviceID(name)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	server := func(payload int) func(string, deploy.AllPlace) *harmony.Placement {
		return func(namespace string, on deploy.AllPlace) *harmony.Placement {
			account := nats.Account{Name: "APP", JetStream: true, MaxPayload: payload, Users: []nats.User{{Name: "app"}}}
			return harmony.Place(nats.Score{Namespace: namespace, Accounts: []nats.Account{account}}).On(on)
		}
	}
	fleet := func(name string) func(string, deploy.AllPlace) *harmony.Placement {
		return func(namespace string, on deploy.AllPlace) *harmony.Placement {
			return harmony.Place(deploy.All{NATS: deploy.NATS{Namespace: namespace}, Device: device(name)}).On(on)
		}
	}
	return []plannedScore{
		{"score/nats", server(0), server(2 << 20), "nats"},
		{"fleet/deploy All", fleet("e2e-1"), fleet("e2e-2"), "nats"},
	}
}

// An audited cluster is one on which it shows who writes.
type audited struct {
	topology *local.Topology
	log      audit.Log
	onlooker witness.Onlooker
	eyes     witness.Place
}

// A plan is made with rights that are not enough to write anything, and the API server has seen nobody try.
func TestAPlanWritesNothingAndNeedsNoRightToWrite(t *testing.T) {
	topology, log := witness.Audited(t)
	it := witness.Onlook(t, topology, scoretest.Namespace(t))
	on := audited{topology, log, it, it.On(t, topology)}
	for _, s := range scores(t) {
		t.Run(s.name, func(t *testing.T) {
			namespace := scoretest.Namespace(t)
			is := s.is(namespace, topology)
			plans := func(name string, placed func(string, deploy.AllPlace) *harmony.Placement, changes bool) {
				t.Run(name, func(t *testing.T) { on.plans(t, placed(namespace, on.eyes), placed(namespace, topology), changes) })
			}
			plans("of what is not there", s.is, true)
			if _, err := harmony.Deploy(t.Context(), is); err != nil {
				t.Fatal(err)
			}
			plans("of what stands", s.is, false)
			plans("of what shall be otherwise", s.next, true)
			on.deletes(t, namespace, s.breaks)
			plans("of what was broken by hand", s.is, true)
		})
	}
}

// plans plans with the eyes of the onlooker, and compares with a plan of one who may do everything.
func (on audited) plans(t *testing.T, looking, full *harmony.Placement, changes bool) {
	t.Helper()
	begin := time.Now()
	got, err := harmony.Run{}.Plan(t.Context(), looking)
	if err != nil {
		t.Fatalf("the onlooker cannot plan: %v", err)
	}
	want, err := harmony.Run{}.Plan(t.Context(), full)
	if err != nil {
		t.Fatal(err)
	}
	seen, streams := plan(want)
	onlooked, none := plan(got)
	if diff := cmp.Diff(seen, onlooked); diff != "" {
		t.Errorf("another plan with less rights (-full +onlooker)\n%s", diff)
	}
	if said := strings.Contains(fmt.Sprint(got), "to which these credentials may not connect"); none > 0 || said != (streams > 0) {
		t.Errorf("of %d streams the onlooker sees %d, and says that it may not connect: %t", streams, none, said)
	}
	if got.Plans() != changes {
		t.Errorf("the plan changes something: %t, want %t: %+v", got.Plans(), changes, got)
	}
	for _, user := range []string{on.onlooker.User, "kubernetes-admin"} {
		on.wroteNothing(t, user, begin)
	}
}

// plan is what a report plans, line by line, and how many streams it sees: those are read by a connection to a Pod,
// which the onlooker may not have. What two components share is planned by the one that comes first.
func plan(report harmony.Report) (lines []string, streams int) {
	for _, p := range report.Placements {
		later := slices.DeleteFunc(slices.Clone(p.Later), func(what string) bool { return strings.HasPrefix(what, "the streams of ") })
		lines = append(lines, fmt.Sprintf("%s: %s, later %q", p.Path, p.Standing, later))
		for _, o := range p.Planned {
			if strings.HasPrefix(o.Object, "stream ") {
				streams++
				continue
			}
			lines = append(lines, fmt.Sprintf("%+v", o))
		}
	}
	slices.Sort(lines)
	return lines, streams
}

// wroteNothing asks the API server what the user did since then, and that it did something.
func (on audited) wroteNothing(t *testing.T, user string, since time.Time) {
	t.Helper()
	all, err := on.log.Entries(user, since)
	if err != nil {
		t.Fatal(err)
	}
	dry := 0
	for _, e := range all {
		if e.Writes() {
			t.Errorf("a plan has written: %s", e)
		}
		if e.Dry() {
			dry++
		}
	}
	if dry == 0 {
		t.Errorf("the log has %d requests of %s, and no dry run: it proves nothing", len(all), user)
	}
	t.Logf("%s: %d requests, %d of them dry runs", user, len(all), dry)
}

// deletes deletes a Service by hand.
func (on audited) deletes(t *testing.T, namespace, name string) {
	t.Helper()
	w, err := world.Reach(witness.Config(t, on.topology))
	if err != nil {
		t.Fatal(err)
	}
	services := world.Kind{GroupVersionKind: world.Maps.GroupVersion().WithKind("Service"), Resource: "services", Namespaced: true}
	found, err := w.Look(t.Context(), []world.Kind{services}, namespace)
	if err != nil || found[world.Key{Kind: "Service", Namespace: namespace, Name: name}] == nil {
		t.Fatalf("no Service/%s: %v", name, err)
	}
	if err := w.Delete(t.Context(), found[world.Key{Kind: "Service", Namespace: namespace, Name: name}]); err != nil {
		t.Fatal(err)
	}
}
