// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

type bare struct{}

func (bare) Name() string { return "bare" }

func TestAnOfferTellsWhatItNeedsAndWhoFits(t *testing.T) {
	var offer harmony.Offer = harmony.Place(part{name: "a"})
	if !cmp.Equal(offer.Needs(), []string{"Journal"}) || !offer.Fits(reflect.TypeFor[*site]()) || offer.Fits(reflect.TypeFor[bare]()) {
		t.Errorf("needs %v", offer.Needs())
	}
	if p, err := offer.OnAny(&site{}); err != nil || p.Name() != "a" {
		t.Errorf("%v %v", p, err)
	}
	_, err := offer.OnAny(bare{})
	if !cmp.Equal(codes(err), []diag.Code{diag.LacksCapability}) || !strings.Contains(err.Error(), "bare lacks: Journal") {
		t.Errorf("got %v", err)
	}
}

func TestAPlacementTellsItsPlace(t *testing.T) {
	here := &site{name: "here"}
	if got := harmony.Place(part{name: "nats"}).On(here).Topology(); got != here {
		t.Errorf("got %v", got)
	}
}
