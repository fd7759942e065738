// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"

	"nationtech.io/harmony"
)

// OnceARun is a Store that builds an image and asks the place for it once in a run: what the preflight has found there
// the deploy takes, a moment later, as it was found. What is not there yet is looked up anew each time.
func OnceARun(s Foreseer) Foreseer { return &onceARun{s} }

type onceARun struct{ store Foreseer }

type found struct {
	by    *onceARun
	image Image
}

// Provide gives the reference of what the run has found, or provides it.
func (o *onceARun) Provide(ctx context.Context, image Image) (string, error) {
	key := found{o, image}
	if reference, known := harmony.Recall[string](ctx, key); known {
		return reference, nil
	}
	reference, err := o.store.Provide(ctx, image)
	if err == nil {
		harmony.Remember(ctx, key, reference)
	}
	return reference, err
}

// Foresee gives the reference of what the run has found, or looks for it.
func (o *onceARun) Foresee(ctx context.Context, image Image) (reference, missing string, err error) {
	key := found{o, image}
	if reference, known := harmony.Recall[string](ctx, key); known {
		return reference, "", nil
	}
	reference, missing, err = o.store.Foresee(ctx, image)
	if err == nil && missing == "" {
		harmony.Remember(ctx, key, reference)
	}
	return reference, missing, err
}
