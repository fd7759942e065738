// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"sync"
	"testing"

	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/topology/local"
)

func TestImagesAreDeliveredToARealClusterOnce(t *testing.T) {
	needs.Local(t)
	images := []image.Image{
		{Name: "nats-server", Package: "github.com/nats-io/nats-server/v2"},
		{Name: "harmony-fleet-agent", Package: "nationtech.io/harmony/cmd/harmony-fleet-agent"},
	}
	ctx, seen := progress(t.Context())
	topology, err := local.Open(ctx, local.Options{Name: needs.Name()})
	if err != nil {
		t.Fatal(err)
	}
	defer topology.Close()
	for _, again := range []bool{false, true} {
		before := len(seen())
		var all sync.WaitGroup
		for _, i := range images {
			all.Go(func() {
				if _, err := topology.Images().Provide(ctx, i); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if more := seen()[before:]; again && len(more) > 0 {
			t.Errorf("what the nodes have is delivered again: %+v", more)
		}
	}
}
