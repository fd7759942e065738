// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image_test

import (
	"context"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
)

// A shop is a place with nothing but a Store.
type shop struct{ store image.Store }

func (shop) Name() string          { return "shop" }
func (s shop) Images() image.Store { return s.store }

func (s shop) Planning(d *harmony.Draft) harmony.Topology {
	return shop{image.Planning(s.store, d)}
}

// asks is a Score that wants an image and nothing else.
type asks struct{ got *string }

func (asks) Name() string { return "asks" }

func (a asks) Interpret(ctx context.Context, on image.Place) (_ harmony.Outcome, err error) {
	*a.got, err = on.Images().Provide(ctx, hello)
	return harmony.Outcome{}, err
}

func (asks) SmokeTest(context.Context, image.Place) error { return nil } // it runs nothing

func planned(t *testing.T, store image.Store) (got string, r harmony.Result) {
	t.Helper()
	report, err := harmony.Plan(t.Context(), harmony.Place(asks{&got}).On(shop{store}))
	if err != nil {
		t.Fatal(err)
	}
	return got, report.Placements[0]
}

func TestAPlanTellsWhatWouldBePushedAndPushesNothing(t *testing.T) {
	checkout(t)
	host, writes := serve(t)
	store := image.Registry{Prefix: host, Builder: &image.Builder{Dir: t.TempDir()}}
	got, r := planned(t, store)
	if len(r.Planned) != 1 || r.Planned[0].Intent != harmony.Create || r.Planned[0].Object != "image "+got || writes.Load() != 0 {
		t.Errorf("got %+v after %d writes", r, writes.Load())
	}
	pushed, err := store.Provide(t.Context(), hello)
	if err != nil || pushed != got {
		t.Fatalf("the plan says %s, and the deploy makes %s (%v)", got, pushed, err)
	}
	if _, r := planned(t, store); len(r.Planned) != 1 || r.Planned[0].Intent != harmony.Keep {
		t.Errorf("then it plans %+v", r)
	}
}

// blind foresees nothing.
type blind struct{ image.Store }

func TestAStoreThatForeseesNothingIsPutOff(t *testing.T) {
	if _, r := planned(t, blind{}); len(r.Later) != 1 || len(r.Planned) != 0 {
		t.Errorf("got %+v", r)
	}
}
