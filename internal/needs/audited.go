// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package needs

import "testing"

// Audited starts a local cluster beside the one that tests share, for this test alone: its API server logs every
// request. It is taken down when the test ends; one that a killed run has left is taken over. It gives the
// cluster's name and the path of the log.
func Audited(t testing.TB) (cluster, log string) {
	t.Helper()
	root(t)
	cluster = Name() + "-audited"
	t.Cleanup(func() {
		if said, err := manageOf(cluster, "down"); err != nil || said.Event != "down" {
			t.Errorf("cluster %s cannot be taken down: %v %s", cluster, err, said.reason())
		}
	})
	said, err := manageOf(cluster, "up", "--audit")
	started(t, said, err)
	return cluster, said.Audit
}
