// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package address

import (
	"net/netip"
	"testing"
)

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func TestChooseTakesTheLowestRangeThatIsFree(t *testing.T) {
	for _, test := range []struct {
		name  string
		taken map[int]bool
		inUse []netip.Prefix
		want  Plan
		ok    bool
	}{
		{"on an empty machine the first", nil, nil, 1, true},
		{"not that of another cluster", map[int]bool{1: true, 2: true}, nil, 3, true},
		{"not one whose node range is routed", nil, prefixes("10.90.1.0/24"), 2, true},
		{"not one whose Pods are routed", nil, prefixes("10.101.7.0/24"), 2, true},
		{"not one whose Services are routed", nil, prefixes("10.151.0.0/16"), 2, true},
		{"not one that holds a single address in use", nil, prefixes("10.90.1.77/32"), 2, true},
		{"a default route is no use of it", nil, prefixes("0.0.0.0/0", "10.0.0.0/8"), 1, true},
		{"other networks do not matter", nil, prefixes("192.168.0.0/16", "172.17.0.0/16"), 1, true},
		{"none when all are routed", nil, prefixes("10.88.0.0/13"), 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := Choose(test.taken, test.inUse)
			if got != test.want || ok != test.ok {
				t.Errorf("got %d %t, want %d %t", got, ok, test.want, test.ok)
			}
		})
	}
}

func TestPlansDoNotOverlap(t *testing.T) {
	for i := Plan(1); i <= MaxIndex; i++ {
		for j := i + 1; j <= MaxIndex; j++ {
			for _, r := range []netip.Prefix{j.Nodes(), j.Pods(), j.Services()} {
				if i.Overlaps(r) {
					t.Errorf("plan %d overlaps %s of plan %d", i, r, j)
				}
			}
		}
		if !i.Nodes().Contains(i.Node(MaxNodes-1)) || !i.Pods().Overlaps(i.NodePods(MaxNodes-1)) {
			t.Errorf("plan %d does not hold its last node", i)
		}
		if !i.Services().Contains(i.APIService()) || !i.Services().Contains(i.DNS()) {
			t.Errorf("plan %d does not hold its Services", i)
		}
	}
}
