// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

// A View is one device as it stands at one moment.
type View struct {
	ID     string
	Labels labels.Set // not to be changed
	Online bool
	// Turned is when the device last came or went, and Seen when it was last heard; zero when it never was.
	Turned, Seen time.Time
	// Reported is true once the device has reported in the life of this process.
	Reported bool
	// Foreign is the other control plane that the device obeys, and Held the order of the manifest that it holds to.
	Foreign string
	Held    Order
	// Ahead devices hold a later state, Duplicate ones are two processes.
	Ahead, Duplicate bool
	// Revoked devices are not let in.
	Revoked bool
	// Flooding devices send more than is read of them.
	Flooding bool
	// Incredible devices claim orders that this control plane never gave, which is not believed any more.
	Incredible bool
	// Unacknowledged is true while a manifest was written and the device has not said that it has it.
	Unacknowledged bool
	// Wants are the Deployments that select the device, by namespace and name.
	Wants []Want
	// Workloads are what the device says that it has, and Findings what it says is amiss beside.
	Workloads []Workload
	Findings  []Finding
}

// Standing is how a device is counted by one Deployment.
type Standing string

// The standings.
const (
	Ready       Standing = "Ready"
	Unready     Standing = "Pending"
	Broken      Standing = "Failed"
	Unreachable Standing = "Offline"
)

// A Want is a Deployment that selects a device.
type Want struct {
	Deployment Deployment
	Standing   Standing
	// Told is the release that the device is told; zero while it is told nothing, as its turn has not come.
	Told Release
	// Updated is true when the device says that it has the newest release.
	Updated bool
	// Failure is set when the standing is Broken.
	Failure Failure
}

// Views gives the devices that choose wants, by name; all of them when it is nil.
func (s *State) Views(choose func(id string, l labels.Set) bool) (all []View) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.devices {
		if choose == nil || choose(d.id, d.labels) {
			all = append(all, s.view(d))
		}
	}
	slices.SortFunc(all, func(a, b View) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// View gives one device; ok is false when it is not enrolled.
func (s *State) View(id string) (v View, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[id]
	if d == nil {
		return View{}, false
	}
	return s.view(d), true
}

func (s *State) view(d *device) View {
	_, lagging := s.lagging[d]
	_, twice := s.duplicate[d]
	v := View{
		ID: d.id, Labels: d.labels, Online: d.online, Turned: d.turned, Seen: d.seen, Reported: d.reported,
		Foreign: d.foreign, Held: d.acknowledged, Ahead: s.ahead(d), Duplicate: twice, Incredible: d.incredible, Revoked: d.revoked, Flooding: s.flooding(d), Unacknowledged: lagging, Workloads: slices.Clone(d.workloads), Findings: slices.Clone(d.findings),
	}
	for i := range d.matches {
		p := d.matches[i].of
		state, updated, failure := judged(d, i)
		c := d.matches[i].counts(state)
		v.Wants = append(v.Wants, Want{p.Deployment, standings[c], d.matches[i].release(), updated, failure})
	}
	return v
}

var standings = map[class]Standing{ready: Ready, pending: Unready, failed: Broken, offline: Unreachable}

// ahead tells whether a device holds a later state than this control plane knows.
func (s *State) ahead(d *device) bool {
	return d.acknowledged.Epoch > s.order.Epoch || slices.ContainsFunc(d.workloads, func(w Workload) bool { return w.Phase == Ahead })
}

// Deployments gives all that were told, with their counts, by namespace and name.
func (s *State) Deployments() (all []Told) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.deployments {
		all = append(all, Told{p.Deployment, p.change()})
	}
	slices.SortFunc(all, func(a, b Told) int {
		return cmp.Or(cmp.Compare(a.Deployment.Namespace, b.Deployment.Namespace), cmp.Compare(a.Deployment.Name, b.Deployment.Name), cmp.Compare(a.Deployment.UID, b.Deployment.UID))
	})
	return all
}

// Told is a Deployment as the plane was told of it, and how devices stand.
type Told struct {
	Deployment Deployment
	Change     Change
}

// Selected gives the devices that a Deployment of that namespace with that selector would match, by name.
func (s *State) Selected(namespace string, selector labels.Selector) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, d := range s.devices {
		if s.selects(namespace, selector, d.labels) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Selects tells whether a Deployment of that namespace with that selector would match a device with those labels.
func (s *State) Selects(namespace string, selector labels.Selector, l labels.Set) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.selects(namespace, selector, l)
}

// Matched gives the devices that a Deployment matches, by name.
func (s *State) Matched(uid string) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.deployments[uid]
	if p == nil {
		return nil
	}
	for d := range p.devices {
		ids = append(ids, d.id)
	}
	slices.Sort(ids)
	return ids
}
