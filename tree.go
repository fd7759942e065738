// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"nationtech.io/harmony/diag"
)

// A node is a placement in the tree of a run.
type node struct {
	placement *Placement
	path      []string
	parts     []*node
	after     []*node // siblings that must be done before it
	before    []*node // siblings that wait for it
}

// grow makes the tree of placements and their parts, and checks it whole: every
// finding is reported, before anything is touched.
func grow(ps []*Placement) ([]*node, error) {
	return siblings(ps, nil, map[seat][]string{})
}

// A seat is a name on a place.
type seat struct {
	place any
	name  string
}

func siblings(ps []*Placement, path []string, names map[seat][]string) ([]*node, error) {
	var nodes []*node
	var errs []error
	of := map[*Placement]*node{}
	for _, p := range ps {
		if p == nil || p.name == "" {
			errs = append(errs, diag.New(diag.BadPlacement, path...).Saw("a placement is nil or its Score has no name"))
			continue
		}
		if of[p] != nil {
			errs = append(errs, twice(append(slices.Clip(path), p.name), of[p].path))
			continue
		}
		n := &node{placement: p, path: append(slices.Clip(path), p.name)}
		nodes, of[p] = append(nodes, n), n
		errs = append(errs, sit(n, names))
		if p.parts != nil {
			parts, err := siblings(p.parts(), n.path, names)
			n.parts = parts
			errs = append(errs, err)
		}
	}
	for _, n := range nodes {
		for _, a := range n.placement.after {
			if first := of[a]; first != nil {
				n.after = append(n.after, first)
				first.before = append(first.before, n)
			}
		}
	}
	errs = append(errs, circles(nodes))
	return nodes, errors.Join(errs...)
}

// sit takes the placement's name on its place, or says who has it already.
func sit(n *node, names map[seat][]string) error {
	place := n.placement.topology
	if place == nil || !reflect.TypeOf(place).Comparable() {
		return nil // places without an identity cannot be told to be the same
	}
	s := seat{place, n.placement.name}
	if other, taken := names[s]; taken {
		return twice(n.path, other)
	}
	names[s] = n.path
	return nil
}

func twice(path, other []string) error {
	return diag.New(diag.PlacedTwice, path...).
		Saw("the name is taken by " + strings.Join(other, " › ")).
		Try("give one of the two another name, or place it on another topology")
}

// circles finds one circle of After among siblings.
func circles(nodes []*node) error {
	const visiting, done = 1, 2
	state := map[*node]int{}
	var trail []string
	var visit func(*node) error
	visit = func(n *node) error {
		switch state[n] {
		case done:
			return nil
		case visiting:
			from := slices.Index(trail, n.placement.name)
			return diag.New(diag.Circle, n.path...).
				Saw(strings.Join(append(slices.Clone(trail[from:]), n.placement.name), " after ")).
				Try("take one After away: nothing in the circle could ever start")
		}
		state[n] = visiting
		trail = append(trail, n.placement.name)
		for _, a := range n.after {
			if err := visit(a); err != nil {
				return err
			}
		}
		trail = trail[:len(trail)-1]
		state[n] = done
		return nil
	}
	for _, n := range nodes {
		if err := visit(n); err != nil {
			return err
		}
	}
	return nil
}
