// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"
)

// An Intent is what a deploy would do with one object.
type Intent string

// The intents. Repair means that someone else has edited or deleted an object that is ours; Replace, that a field
// cannot be changed on an object that exists, so that another has to be made in its place.
const (
	Create  Intent = "create"
	Update  Intent = "update"
	Repair  Intent = "repair"
	Replace Intent = "replace"
	Delete  Intent = "delete"
	Keep    Intent = "keep"
)

var done = map[Intent]Action{Keep: "", Create: Created, Update: Updated, Repair: Repaired, Replace: Replaced, Delete: Deleted}

// Done is the action that a Report has of a deploy that did it; empty for Keep, of which it has none.
func (i Intent) Done() Action { return done[i] }

// Intent is what a plan has of a deploy that does it; Keep for no action.
func (a Action) Intent() Intent {
	for intent, action := range done {
		if action == a {
			return intent
		}
	}
	return Keep
}

// A Planned is what a deploy would do with one object, or with an image.
type Planned struct {
	Intent    Intent  `json:"intent"`
	Object    string  `json:"object"` // as a Change names it
	Namespace string  `json:"namespace,omitempty"`
	Detail    string  `json:"detail,omitempty"` // why, where there is more to tell than the fields do
	Loses     string  `json:"loses,omitempty"`  // what goes with an object that is deleted or replaced
	Fields    []Field `json:"fields,omitempty"` // none for what is created: all of it is new
	// Unsaid counts the fields that would differ, too, but that only defaulting and webhooks decide.
	Unsaid int `json:"unsaid,omitempty"`
	// Unsure tells what only the deploy can find out; empty where the plan knows all.
	Unsure string `json:"unsure,omitempty"`
}

// A Field is one field that would change. Values are as JSON has them; nil where there is none.
type Field struct {
	Path   string `json:"path"` // spec.template.spec.containers[nats].image
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
	// Hidden tells that the values are secret: they differ, and are not here.
	Hidden bool `json:"hidden,omitempty"`
	// Later tells that what comes after is known only after the apply, since it is made of what is generated.
	Later bool `json:"later,omitempty"`
	// Owner is who wrote what stands there now, when that was not Harmony, and Since when he did.
	Owner string    `json:"owner,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

func (f Field) shown() bool { return !f.Hidden }

// Drift tells whether someone changed the object behind Harmony's back.
func (p Planned) Drift() bool { return p.Intent == Repair }

func (r Result) plans() bool {
	return slices.ContainsFunc(r.Planned, func(o Planned) bool { return o.Intent != Keep })
}

// Plans tells whether the report is a plan that would change something.
func (r Report) Plans() bool { return slices.ContainsFunc(r.Placements, Result.plans) }

// SamePlan tells whether two plans would do the same. Which placement makes what several would make does not matter.
func (r Report) SamePlan(other Report) bool {
	return reflect.DeepEqual(r.whole(), other.whole())
}

// whole is all that a plan would do, in one order.
func (r Report) whole() (all []Planned) {
	for _, p := range r.Placements {
		all = append(all, p.Planned...)
	}
	inOrder(all)
	return all
}

// inOrder sorts what was found side by side: images, namespaces, what is made or kept, what is deleted.
func inOrder(all []Planned) {
	class := func(p Planned) int {
		kind, _, _ := strings.Cut(p.Object, "/")
		switch {
		case strings.HasPrefix(p.Object, "image "):
			return 0
		case p.Intent == Delete:
			return 3
		case kind == "Namespace":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b Planned) int {
		return cmp.Or(cmp.Compare(class(a), class(b)), strings.Compare(a.Object, b.Object), strings.Compare(a.Namespace, b.Namespace))
	})
}
