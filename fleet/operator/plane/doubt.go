// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

// A Doubt is a device that has workloads of Deployments which do not select it, as far as is known. Devices and Deployments are
// watched apart from each other: when somebody labels a device and then narrows a selector to that label, the selector may be
// known first. So this is no proof yet.
type Doubt struct {
	Device string
	// Of are the UIDs of the Deployments.
	Of []string
}

// Doubts gives all of them, by device.
func (s *State) Doubts(now time.Time) (all []Doubt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	now = s.now // whoever asks may be late, and doubts are of later than that
	for d := range s.doubted {
		of := s.unconfirmed(d, now)
		if len(of) == 0 {
			delete(s.doubted, d)
			continue
		}
		all = append(all, Doubt{d.id, of})
	}
	slices.SortFunc(all, func(a, b Doubt) int { return cmp.Compare(a.Device, b.Device) })
	return all
}

// Confirm takes the labels that a device has, and the selectors that Deployments have, by UID, as the API server itself says. Where
// that is what is known, there is a proof that those do not select the device, until the one or the other changes. It gives the UIDs of
// the Deployments for which that is so since now.
func (s *State) Confirm(device string, l labels.Set, selectors map[string]labels.Selector, now time.Time) (of []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	now = s.now
	d := s.devices[device]
	if d == nil || !maps.Equal(d.labels, l) {
		return nil
	}
	for _, uid := range s.unconfirmed(d, now) {
		if is := selectors[uid]; is != nil && is.String() == s.deployments[uid].Selector.String() {
			of = append(of, uid)
		}
	}
	if len(of) > 0 {
		d.unwanted = append(d.unwanted, of...)
		s.enqueue(d)
	}
	return of
}

// unconfirmed are the Deployments of which a device has something, and which do not select it, as far as is known.
func (s *State) unconfirmed(d *device, now time.Time) (of []string) {
	for _, w := range d.workloads {
		if s.unselected(d, w, now) && !slices.Contains(d.unwanted, w.UID) {
			of = append(of, w.UID)
		}
	}
	return of
}

// unselected tells whether a Deployment that exists does not select a device which has something of it, as far as is known. A
// device that selectors cannot see for a moment, while labels are being written anew, must not lose what it has.
func (s *State) unselected(d *device, w Workload, now time.Time) bool {
	p := s.deployments[w.UID]
	if p == nil || p.Deleting || p.Generation < w.Generation || now.Sub(d.changed) < stableFor {
		return false
	}
	_, selected := p.devices[d]
	return !selected
}

// doubt takes back what was confirmed of a Deployment.
func (s *State) doubt(uid string) {
	for _, d := range s.devices {
		d.unwanted = slices.DeleteFunc(d.unwanted, func(of string) bool { return of == uid })
	}
}
