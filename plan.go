// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"slices"
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

// Done is the action that a Report has of a deploy that did it; empty for Keep, of which it has none.
func (i Intent) Done() Action {
	return map[Intent]Action{
		Create: Created, Update: Updated, Repair: Repaired, Replace: Replaced, Delete: Deleted,
	}[i]
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
	// Later tells that the value is known only after the apply, as that of a credential that is not generated yet.
	Later bool `json:"later,omitempty"`
	// Owner is who wrote what stands there now, when that was not Harmony, and Since when he did.
	Owner string    `json:"owner,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// Drift tells whether someone changed the object behind Harmony's back.
func (p Planned) Drift() bool { return p.Intent == Repair }

func (r Result) plans() bool {
	return slices.ContainsFunc(r.Planned, func(o Planned) bool { return o.Intent != Keep })
}

// Plans tells whether the report is a plan that would change something.
func (r Report) Plans() bool { return slices.ContainsFunc(r.Placements, Result.plans) }

// Drifted are the objects that someone changed behind Harmony's back, as a plan found them.
func (r Report) Drifted() (all []Planned) {
	for _, p := range r.Placements {
		for _, o := range p.Planned {
			if o.Drift() {
				all = append(all, o)
			}
		}
	}
	return all
}
