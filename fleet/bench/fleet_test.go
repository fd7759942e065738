// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

func TestWritesOfTheFleetAreCountedAndNothingElse(t *testing.T) {
	const metrics = `# TYPE apiserver_request_total counter
apiserver_request_total{code="200",component="apiserver",dry_run="",group="fleet.nationtech.io",resource="deployments",scope="resource",subresource="status",verb="PATCH",version="v1alpha1"} 12
apiserver_request_total{code="201",component="apiserver",dry_run="",group="fleet.nationtech.io",resource="releases",scope="resource",subresource="",verb="POST",version="v1alpha1"} 1
apiserver_request_total{code="200",component="apiserver",dry_run="",group="fleet.nationtech.io",resource="devices",scope="cluster",subresource="",verb="LIST",version="v1alpha1"} 7
apiserver_request_total{code="201",component="apiserver",dry_run="",group="events.k8s.io",resource="events",scope="resource",subresource="",verb="POST",version="v1"} 2
apiserver_request_total{code="200",component="apiserver",dry_run="",group="coordination.k8s.io",resource="leases",scope="resource",subresource="",verb="PUT",version="v1"} 1e+03
`
	if got, err := countWrites([]byte(metrics)); err != nil || got != 15 {
		t.Errorf("%v writes: %v", got, err)
	}
}

func TestAFleetIsNamedByItsSize(t *testing.T) {
	for n, want := range map[int]string{500: "500", 1500: "1500", 15000: "15k", 50000: "50k"} {
		if got := short(n); got != want {
			t.Errorf("%d is %s", n, got)
		}
	}
}

func TestSizesOfFleetsAreChecked(t *testing.T) {
	for _, c := range []struct {
		args []string
		good bool
	}{
		{nil, true},
		{[]string{"--sockets", "500", "--devices", "500"}, true},
		{[]string{"--sockets", "500", "--devices", "0"}, true},
		{[]string{"--devices", "100"}, false},
		{[]string{"--per-connection", "0"}, false},
		{[]string{"more"}, false},
	} {
		if _, err := (&bench{args: c.args}).fleetOptions(); (err == nil) != c.good {
			t.Errorf("%v: %v", c.args, err)
		}
	}
}
