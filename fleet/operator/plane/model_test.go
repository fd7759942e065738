// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"
	"pgregory.net/rapid"
)

// Whatever happens in whatever order: the counts are those of counting anew, every device was last told what it would be
// told by a State that learns all of it at once, and whatever was told absent had its proof.
func TestWhateverHappensTheStateIsThatOfLearningAllAtOnce(t *testing.T) {
	selectors := []string{"site=north", "site in (north,south),tier=1", "tier=1", "site!=north", "tier", "!tier"}
	rapid.Check(t, func(t *rapid.T) {
		w := begin()
		devices, deployments, reports := map[string]labels.Set{}, map[string]Deployment{}, map[string]Report{}
		told := map[string][]Entry{}
		write := func() {
			for id, one := range w.writes() {
				told[id] = one.Entries
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"device": func(t *rapid.T) {
				id := fmt.Sprint("d", rapid.IntRange(0, 4).Draw(t, "device"))
				l := labels.Set{"site": rapid.SampledFrom([]string{"north", "south"}).Draw(t, "site")}
				if rapid.Bool().Draw(t, "tiered") {
					l["tier"] = fmt.Sprint(rapid.IntRange(1, 2).Draw(t, "tier"))
				}
				devices[id] = l
				w.device(id, l)
			},
			"drop a device": func(t *rapid.T) {
				id := fmt.Sprint("d", rapid.IntRange(0, 4).Draw(t, "device"))
				delete(devices, id)
				delete(reports, id)
				delete(told, id)
				w.DropDevice(id)
			},
			"deployment": func(t *rapid.T) {
				uid := fmt.Sprint("p", rapid.IntRange(0, 3).Draw(t, "deployment"))
				d := w.deployment(uid, rapid.SampledFrom(selectors).Draw(t, "selector"), fmt.Sprint("c", rapid.IntRange(0, 2).Draw(t, "content")), deployments[uid].Generation+1)
				deployments[uid] = d
			},
			"drop a deployment": func(t *rapid.T) {
				uid := fmt.Sprint("p", rapid.IntRange(0, 3).Draw(t, "deployment"))
				delete(deployments, uid)
				w.DropDeployment(uid)
			},
			"report": func(t *rapid.T) {
				id := fmt.Sprint("d", rapid.IntRange(0, 4).Draw(t, "device"))
				if devices[id] == nil {
					return
				}
				r := Report{Instance: "one"}
				for i := range 4 {
					if rapid.Bool().Draw(t, "has") {
						r.Workloads = append(r.Workloads, Workload{
							UID: fmt.Sprint("p", i), Generation: int64(rapid.IntRange(1, 3).Draw(t, "generation")),
							Digest: fmt.Sprint("c", rapid.IntRange(0, 2).Draw(t, "content")), Phase: rapid.SampledFrom([]Phase{Running, Failed, Pending, Removing, Unlisted}).Draw(t, "phase"),
						})
					}
				}
				reports[id] = r
				w.Report(id, r, w.now)
			},
			"write": func(*rapid.T) { write() },
			"":      func(*rapid.T) {},
		})
		w.pass(time.Hour)
		for id := range reports {
			w.Report(id, reports[id], w.now)
		}
		w.Sweep(w.now)
		write()
		fresh := begin()
		fresh.now = w.now
		for uid, d := range deployments {
			d.UID = uid
			fresh.SetDeployment(d)
		}
		for id, l := range devices {
			fresh.SetDevice(id, l, w.now.Add(-time.Hour))
			fresh.Lead(1, 1)
			if r, ok := reports[id]; ok {
				fresh.Report(id, r, w.now)
			}
		}
		fresh.settling, fresh.order.Number = map[*device]struct{}{}, 0
		for _, d := range fresh.devices {
			d.changed = w.now.Add(-time.Hour)
		}
		for id, one := range fresh.writes() {
			if diff := cmp.Diff(one.Entries, told[id]); diff != "" {
				t.Fatalf("%s: -at once +told\n%s", id, diff)
			}
		}
		for uid := range deployments {
			want, _ := fresh.Count(uid)
			got, _ := w.Count(uid)
			if diff := cmp.Diff(want.Counts, got.Counts); diff != "" {
				t.Fatalf("%s: -at once +counted\n%s", uid, diff)
			}
		}
	})
}
