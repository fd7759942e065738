// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"time"

	"nationtech.io/harmony/fleet/contract"
)

// keptUnnamed is for how long a content stays that no Deployment asks for.
const keptUnnamed = 24 * time.Hour

// orphans is what is known of keys that nobody needs.
type orphans struct {
	mended, sorted time.Time
	unnamed        map[string]time.Time // contents, and since when nobody asks for them
}

// collect takes keys of devices that are enrolled no longer out of the bucket of manifests, and contents that nobody has asked
// for in a day out of theirs. It takes away what is derived, never a workload.
func (r *reign) collect(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, mendLimit)
	defer cancel()
	devices, err := r.bus.Keys(ctx, contract.BucketDesired)
	if err != nil {
		return err
	}
	for _, name := range devices {
		if r.state.Known(name) {
			continue
		}
		if err := r.bus.Purge(ctx, contract.BucketDesired, name); err != nil {
			return err
		}
		r.log.Info("took away a manifest of a device that is not enrolled", "device", name)
	}
	bodies, err := r.bus.Keys(ctx, contract.BucketReleases)
	if err != nil {
		return err
	}
	unnamed := map[string]time.Time{}
	for _, digest := range bodies {
		if _, named := r.contents.get(digest); named {
			continue
		}
		since, before := r.orphans.unnamed[digest]
		if !before {
			since = now
		}
		if now.Sub(since) < keptUnnamed {
			unnamed[digest] = since
			continue
		}
		if err := r.bus.Purge(ctx, contract.BucketReleases, digest); err != nil {
			return err
		}
		r.log.Info("took away a content that nobody asks for", "digest", digest)
	}
	r.orphans.unnamed = unnamed
	return nil
}
