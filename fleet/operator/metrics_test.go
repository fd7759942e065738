// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"maps"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"nationtech.io/harmony/fleet/operator/plane"
)

// rows are the names in the first column of the page about metrics and events, with what stands in the second.
func rows(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/reference/fleet-metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\|").FindAllStringSubmatch(string(page), -1) {
		all[row[1]] = row[2]
	}
	return all
}

// registered is what Prometheus is answered from.
func registered(t *testing.T, o *operator) *prometheus.Registry {
	t.Helper()
	all := prometheus.NewRegistry()
	for _, c := range o.metrics.all {
		if err := all.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// counted is what a process answers Prometheus, without what has a label.
func counted(t *testing.T, o *operator) map[string]float64 {
	t.Helper()
	families, err := registered(t, o).Gather()
	if err != nil {
		t.Fatal(err)
	}
	is := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if len(m.GetLabel()) == 0 {
				is[f.GetName()] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return is
}

func TestThePageHasEveryMetricAndNoOther(t *testing.T) {
	o := &operator{state: plane.New()}
	o.metrics = newMetrics(o)
	o.metrics.messages.WithLabelValues("state", "accepted").Inc()
	families, err := registered(t, o).Gather()
	if err != nil {
		t.Fatal(err)
	}
	is := map[string]string{}
	for _, f := range families {
		is[f.GetName()] = map[string]string{"COUNTER": "counter", "GAUGE": "gauge"}[f.GetType().String()]
	}
	page := rows(t)
	maps.DeleteFunc(page, func(_, kind string) bool { return kind != "counter" && kind != "gauge" })
	if diff := cmp.Diff(is, page); diff != "" {
		t.Errorf("-counted +on the page\n%s", diff)
	}
}

func TestMetricsTellHowTheFleetStands(t *testing.T) {
	l := leads(t)
	is := func(want map[string]float64) {
		t.Helper()
		got := counted(t, l.operator)
		for name, n := range want {
			if got["harmony_fleet_"+name] != n {
				t.Errorf("%s: %v, not %v", name, got["harmony_fleet_"+name], n)
			}
		}
	}
	is(map[string]float64{"devices": 4, "devices_online": 0, "term": 1, "converged": 0, "status_patches_total": 0, "manifests_written_total": 0})
	l.state.Lead(1, 7, "")
	l.obey(plane.Running)
	l.look(t, plane.Running)
	l.leading.Store(true)
	l.converged.Store(true)
	is(map[string]float64{"devices_online": 4, "devices_revoked": 0, "term": 7, "converged": 1, "status_patches_total": 1, "devices_unacknowledged": 0})
	l.state.SetAccess("press-3", true, l.now)
	l.state.Next(l.now, 100)
	l.state.Lead(1, 8, "") // and nobody has said yet that it has what is written then
	writes, _ := l.state.Next(l.now.Add(time.Minute), 100)
	if len(writes) != 3 {
		t.Fatalf("%+v", writes)
	}
	is(map[string]float64{"devices": 4, "devices_online": 3, "devices_revoked": 1, "devices_unacknowledged": 3})
}
