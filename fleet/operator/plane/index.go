// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// An index finds the devices that a selector may match, and the Deployments that may select a device, without looking at
// all of them. A selector is anchored at a label with a value if it can match no device without that.
type index struct {
	devices map[anchor]map[*device]struct{}
	// anchored are Deployments by each of the values that they are anchored at; the others are loose.
	anchored map[anchor]map[*deployment]struct{}
	loose    map[*deployment]struct{}
}

type anchor struct{ key, value string }

func newIndex() index {
	return index{map[anchor]map[*device]struct{}{}, map[anchor]map[*deployment]struct{}{}, map[*deployment]struct{}{}}
}

func (x index) add(d *device) {
	for key, value := range d.labels {
		put(x.devices, anchor{key, value}, d)
	}
}

func (x index) drop(d *device) {
	for key, value := range d.labels {
		take(x.devices, anchor{key, value}, d)
	}
}

func (x index) addDeployment(p *deployment) {
	at := x.anchors(p.Selector)
	if at == nil {
		x.loose[p] = struct{}{}
	}
	for _, a := range at {
		put(x.anchored, a, p)
	}
}

// dropDeployment forgets a Deployment wherever it stands: where it was anchored may depend on what devices there were.
func (x index) dropDeployment(p *deployment) {
	delete(x.loose, p)
	requirements, _ := p.Selector.Requirements()
	for _, r := range requirements {
		for value := range r.Values() {
			take(x.anchored, anchor{r.Key(), value}, p)
		}
	}
}

// anchors gives the values that a selector is anchored at, by the requirement that the fewest devices meet; nil when
// there is none.
func (x index) anchors(s labels.Selector) (best []anchor) {
	requirements, _ := s.Requirements()
	fewest := -1
	for _, r := range requirements {
		if op := r.Operator(); op != selection.In && op != selection.Equals && op != selection.DoubleEquals {
			continue
		}
		var at []anchor
		devices := 0
		for value := range r.Values() {
			a := anchor{r.Key(), value}
			at, devices = append(at, a), devices+len(x.devices[a])
		}
		if fewest < 0 || devices < fewest {
			best, fewest = at, devices
		}
	}
	return best
}

// candidates calls visit for every device that the selector may match.
func (x index) candidates(s labels.Selector, all map[string]*device, visit func(*device)) {
	at := x.anchors(s)
	if at == nil {
		for _, d := range all {
			visit(d)
		}
		return
	}
	for _, a := range at {
		for d := range x.devices[a] {
			visit(d)
		}
	}
}

// selecting calls visit for every Deployment that may select the device.
func (x index) selecting(d *device, visit func(*deployment)) {
	for p := range x.loose {
		visit(p)
	}
	for key, value := range d.labels {
		for p := range x.anchored[anchor{key, value}] {
			visit(p)
		}
	}
}

func put[K, V comparable](sets map[K]map[V]struct{}, key K, value V) {
	if sets[key] == nil {
		sets[key] = map[V]struct{}{}
	}
	sets[key][value] = struct{}{}
}

func take[K, V comparable](sets map[K]map[V]struct{}, key K, value V) {
	delete(sets[key], value)
	if len(sets[key]) == 0 {
		delete(sets, key)
	}
}
