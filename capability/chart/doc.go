// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package chart is the capability to get Helm charts: from a directory or an archive of this machine, or from a
// repository that is reached over HTTP or is a registry of images.
//
// A chart that comes from elsewhere is pinned by its version and the digest of what is fetched, so that a deploy of
// today and one of tomorrow render the same files. A chart without a digest is refused, and the refusal says which
// digest it has. Nothing is kept between runs.
package chart
