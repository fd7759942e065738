// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"

	"nationtech.io/harmony"
)

// A Foreseer is a Store that can tell what Provide would do. All Stores of Harmony are.
type Foreseer interface {
	Store
	// Foresee gives the reference that Provide would return. missing says what it would have to do first, as "load
	// it into 1 of 2 nodes"; empty when the place has the image. What runs on this machine alone is done, as the
	// build whose result names the image; the place is only asked.
	Foresee(ctx context.Context, image Image) (reference, missing string, err error)
}

// Planning is the Store as a plan sees it: what it would deliver is noted in the draft. A Store that foresees nothing
// is put off until the apply.
func Planning(s Store, d *harmony.Draft) Store { return planning{s, d} }

type planning struct {
	store Store
	draft *harmony.Draft
}

// Provide gives the reference and delivers nothing.
func (p planning) Provide(ctx context.Context, wanted Image) (string, error) {
	f, ok := p.store.(Foreseer)
	if !ok {
		return "", p.draft.Later("the reference of image " + wanted.Name)
	}
	reference, missing, err := f.Foresee(ctx, wanted)
	if err != nil {
		return "", err
	}
	planned := harmony.Planned{Intent: harmony.Keep, Object: "image " + reference}
	if missing != "" {
		planned.Intent, planned.Detail = harmony.Create, missing
	}
	if p.draft.First(planned.Object) {
		p.draft.Note(planned)
	}
	return reference, nil
}
