// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package guestbook_test

import (
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"

	"example.com/guestbook"
)

// nowhere is a place that has nothing: what is refused before the first change never asks it.
type nowhere struct{}

func (nowhere) Kubernetes() kube.Cluster     { return nil }
func (nowhere) Images() image.Store          { return nil }
func (nowhere) Messaging() messaging.Servers { return nil }

func TestAPlacementThatIsNotCompleteChangesNothing(t *testing.T) {
	_, err := harmony.Deploy(t.Context(), harmony.Place(guestbook.Score{}).On(nowhere{}))
	found := diag.All(err)
	if len(found) != 3 {
		t.Fatalf("got %v", err)
	}
	for _, d := range found {
		if d.Code != diag.BadPlacement {
			t.Errorf("got %v", d)
		}
	}
}
