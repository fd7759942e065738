// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamesThatMayHaveBeenMeant(t *testing.T) {
	names := []string{"namespace", "nats-replicas", "nats-image", "output", "topology"}
	for name, want := range map[string][]string{
		"nats-replica": {"nats-replicas"}, "topologie": {"topology"}, "namepsace": {"namespace"}, "nats": {"nats-image", "nats-replicas"},
		"o": nil, "replicas": nil, "": nil, "outptu": {"output"}, "NameSpaces": {"namespace"}, "nat-replicasss": {"nats-replicas"},
	} {
		got := Near(name, names)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
	}
}

func TestADistanceIsTheSameBothWays(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"abc", "abc", 0}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}} {
		if there, back := distance(c.a, c.b), distance(c.b, c.a); there != c.want || back != c.want {
			t.Errorf("%s, %s: %d and %d, want %d", c.a, c.b, there, back, c.want)
		}
	}
}
