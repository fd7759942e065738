// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"testing"

	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/scoretest/internal/audit"
	"nationtech.io/harmony/topology/local"
)

// Audited gives a local cluster that no other test uses, and what its API server writes of its requests.
func Audited(t testing.TB) (*local.Topology, audit.Log) {
	t.Helper()
	cluster, log := needs.Audited(t)
	topology, err := local.Open(t.Context(), local.Options{Name: cluster})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(topology.Close)
	return topology, audit.Log(log)
}
