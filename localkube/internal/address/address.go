// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package address plans the IPv4 ranges of clusters. Everything follows from a
// cluster's index, so several stand side by side.
package address

import (
	"fmt"
	"net/netip"
)

// MaxIndex is the greatest index of a cluster on one machine.
const MaxIndex = 49

// MaxNodes is the greatest number of nodes of a cluster.
const MaxNodes = 16

// Plan is the address plan of the cluster with this index, from 1 to MaxIndex.
type Plan int

func prefix(bits int, a, b, c, d int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(a), byte(b), byte(c), byte(d)}), bits)
}

// Nodes is the range of the bridge between host and nodes.
func (p Plan) Nodes() netip.Prefix { return prefix(24, 10, 90, int(p), 0) }

// Gateway is the host's address on that bridge.
func (p Plan) Gateway() netip.Addr { return prefix(32, 10, 90, int(p), 1).Addr() }

// Node is the address of the i-th node; the first, the control plane, is 0.
func (p Plan) Node(i int) netip.Addr { return prefix(32, 10, 90, int(p), 2+i).Addr() }

// Pods is the range of all Pods of the cluster.
func (p Plan) Pods() netip.Prefix { return prefix(16, 10, 100+int(p), 0, 0) }

// NodePods is the range of the Pods of the i-th node.
func (p Plan) NodePods(i int) netip.Prefix { return prefix(24, 10, 100+int(p), i, 0) }

// Services is the range of Service addresses.
func (p Plan) Services() netip.Prefix { return prefix(16, 10, 150+int(p), 0, 0) }

// APIService is the address of the Service "kubernetes".
func (p Plan) APIService() netip.Addr { return prefix(32, 10, 150+int(p), 0, 1).Addr() }

// DNS is the address of the cluster's DNS Service.
func (p Plan) DNS() netip.Addr { return prefix(32, 10, 150+int(p), 0, 10).Addr() }

// APIServer is the URL of the API server.
func (p Plan) APIServer() string { return fmt.Sprintf("https://%s:6443", p.Node(0)) }

// Overlaps reports whether any range of the plan has an address in common with other.
func (p Plan) Overlaps(other netip.Prefix) bool {
	return p.Nodes().Overlaps(other) || p.Pods().Overlaps(other) || p.Services().Overlaps(other)
}

// Choose gives the lowest plan whose index is not taken and whose ranges are
// free of the ranges in use; false if there is none.
func Choose(taken map[int]bool, inUse []netip.Prefix) (Plan, bool) {
	for i := 1; i <= MaxIndex; i++ {
		if p := Plan(i); !taken[i] && p.free(inUse) {
			return p, true
		}
	}
	return 0, false
}

func (p Plan) free(inUse []netip.Prefix) bool {
	for _, other := range inUse {
		// A default route, and one as wide as all private addresses (a VPN's), covers us without using us.
		if other.Bits() > 8 && p.Overlaps(other) {
			return false
		}
	}
	return true
}
