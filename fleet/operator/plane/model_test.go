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

// A model is a world, and what is true in it: what exists, what devices said last, and what they were told last.
type model struct {
	*world
	devices     map[string]labels.Set
	deployments map[string]Deployment
	reports     map[string]Report
	told        map[string][]Entry
}

// Whatever happens in whatever order: the counts are those of counting anew, every device was last told what it would be
// told by a State that learns all of it at once, and whatever was told absent had its proof.
func TestWhateverHappensTheStateIsThatOfLearningAllAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := model{begin(), map[string]labels.Set{}, map[string]Deployment{}, map[string]Report{}, map[string][]Entry{}}
		t.Repeat(map[string]func(*rapid.T){
			"device": m.enrol, "drop a device": m.dropDevice,
			"deployment": m.deploy, "drop a deployment": m.dropDeployment,
			"report": m.report, "write": func(*rapid.T) { m.write() }, "": func(*rapid.T) {},
		})
		m.pass(time.Hour)
		for id := range m.reports {
			m.Report(id, m.reports[id], m.now)
		}
		m.Sweep(m.now)
		m.write()
		fresh := m.learnt()
		for id, one := range fresh.writes() {
			if diff := cmp.Diff(one.Entries, m.told[id]); diff != "" {
				t.Fatalf("%s: -at once +told\n%s", id, diff)
			}
		}
		for uid := range m.deployments {
			want, _ := fresh.Count(uid)
			got, _ := m.Count(uid)
			if diff := cmp.Diff(want.Counts, got.Counts); diff != "" {
				t.Fatalf("%s: -at once +counted\n%s", uid, diff)
			}
		}
	})
}

// learnt is a world that learns at once all that is true in the model.
func (m model) learnt() *world {
	fresh := begin()
	fresh.now = m.now
	for uid, d := range m.deployments {
		d.UID = uid
		fresh.SetDeployment(d)
	}
	for id, l := range m.devices {
		fresh.SetDevice(id, l, m.now.Add(-time.Hour))
		fresh.Lead(1, 1, "")
		if r, ok := m.reports[id]; ok {
			fresh.Report(id, r, m.now)
		}
	}
	fresh.settling, fresh.order.Number = map[*device]struct{}{}, 0
	for _, d := range fresh.devices {
		d.changed = m.now.Add(-time.Hour)
	}
	return fresh
}

func (m model) write() {
	for id, one := range m.writes() {
		m.told[id] = one.Entries
	}
}

func (m model) enrol(t *rapid.T) {
	id, l := anyDevice(t), labels.Set{"site": rapid.SampledFrom([]string{"north", "south"}).Draw(t, "site")}
	if rapid.Bool().Draw(t, "tiered") {
		l["tier"] = fmt.Sprint(rapid.IntRange(1, 2).Draw(t, "tier"))
	}
	m.devices[id] = l
	m.device(id, l)
}

func (m model) dropDevice(t *rapid.T) {
	id := anyDevice(t)
	delete(m.devices, id)
	delete(m.reports, id)
	delete(m.told, id)
	m.DropDevice(id)
}

func (m model) deploy(t *rapid.T) {
	uid := anyDeployment(t)
	selectors := []string{"site=north", "site in (north,south),tier=1", "tier=1", "site!=north", "tier", "!tier"}
	m.deployments[uid] = m.deployment(uid, rapid.SampledFrom(selectors).Draw(t, "selector"), anyContent(t), m.deployments[uid].Generation+1)
}

func (m model) dropDeployment(t *rapid.T) {
	uid := anyDeployment(t)
	delete(m.deployments, uid)
	m.DropDeployment(uid)
}

func (m model) report(t *rapid.T) {
	id := anyDevice(t)
	if m.devices[id] == nil {
		return
	}
	r := Report{Instance: "one"}
	for i := range 4 {
		if rapid.Bool().Draw(t, "has") {
			r.Workloads = append(r.Workloads, Workload{
				UID: fmt.Sprint("p", i), Generation: int64(rapid.IntRange(1, 3).Draw(t, "generation")), Digest: anyContent(t),
				Phase: rapid.SampledFrom([]Phase{Running, Failed, Pending, Removing, Unlisted}).Draw(t, "phase"),
			})
		}
	}
	m.reports[id] = r
	m.Report(id, r, m.now)
}

func anyDevice(t *rapid.T) string { return fmt.Sprint("d", rapid.IntRange(0, 4).Draw(t, "device")) }
func anyDeployment(t *rapid.T) string {
	return fmt.Sprint("p", rapid.IntRange(0, 3).Draw(t, "deployment"))
}
func anyContent(t *rapid.T) string { return fmt.Sprint("c", rapid.IntRange(0, 2).Draw(t, "content")) }
