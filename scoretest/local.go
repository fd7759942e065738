// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/topology/local"
)

const (
	openLimit = 40 * time.Minute // the first time on a machine a Kubernetes is built
	quiet     = 10 * time.Second // between two lines about that
)

// Local gives the local cluster that tests share, which is started when it does not run yet and left running; its
// name is harmony-test, or what $HARMONY_LOCAL_NAME says. Once in a process it takes away what runs that were
// killed have left in namespaces of Namespace. Where a machine cannot have a cluster the test is skipped and says
// why; with HARMONY_NEEDS=all, as in CI, it fails.
func Local(t testing.TB) *local.Topology {
	t.Helper()
	topology, err := shared()
	var d *diag.Diagnostic
	if errors.As(err, &d) && d.Code == diag.LocalCannotRun {
		var reasons []string
		for _, e := range d.Evidence {
			reasons = append(reasons, e.Text)
		}
		needs.Lacking(t, "a local Kubernetes: "+strings.Join(reasons, "; "))
	}
	if err != nil {
		t.Fatalf("there is no local cluster to test on\n%s", told(err))
	}
	return topology
}

// shared is opened once in a process, and closed by its end.
var shared = sync.OnceValues(func() (*local.Topology, error) {
	ctx, cancel := context.WithTimeout(context.Background(), openLimit)
	defer cancel()
	ctx = event.Into(ctx, &event.Plain{W: os.Stderr, Pause: quiet})
	topology, err := local.Open(ctx, local.Options{Name: needs.Name()})
	if err != nil {
		return nil, err
	}
	if _, child := doomed(); child {
		return topology, nil // its parent has pruned
	}
	return topology, prune(ctx, topology)
})

// told is an error as people see it.
func told(err error) string {
	var b strings.Builder
	for _, d := range diag.All(err) {
		_ = diag.Style{}.Write(&b, d) // a Builder takes everything
	}
	return b.String()
}
