// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

// The buckets of a fleet. Both are caches of what stands in the Kubernetes API:
// they may be deleted at any time without harm.
const (
	BucketDesired  = "desired-state" // key <device>: everything that the device should run
	BucketReleases = "releases"      // key <sha256>: a release's content, once, under its digest
)
