// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"testing"

	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/operator/rollout"
)

// After the API server was restored a device may have the content of a release whose turn has not come, of a later generation. It
// refuses that release then, and stays ahead: were it told nothing, it would be ahead no more, and be told it again.
func TestADeviceThatRefusesTheReleaseThatItHasGoesOnBeingToldThat(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	d := w.deployment("web", "site=north", "c1", 1)
	d.Rollout = &Rollout{Spec: rollout.Spec{Batch: rollout.Size{Count: 1}, Paused: true}}
	w.SetDeployment(d)
	w.goOn()
	w.says("a", Order{1, 1, 9}, Workload{UID: "web", Generation: 2, Digest: "c1", Phase: Unlisted})
	for _, phase := range []Phase{Unlisted, Ahead, Ahead} { // as it was last heard
		w.pass(pace)
		one, written := w.writes()["a"]
		if told := one.Entries; written && (len(told) != 1 || told[0].Generation != 1) {
			t.Fatalf("%s: it is told %+v", phase, told)
		}
		w.says("a", one.Order, Workload{UID: "web", Generation: 2, Digest: "c1", Phase: Ahead})
	}
	if s := w.Summary(); len(s.Ahead) != 1 {
		t.Errorf("nobody is ahead: %+v", s)
	}
}
