// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package runner makes what runs on a device be what the device holds to, with podman, and tells how each workload
// stands. What runs is known by labels of its containers, the digest of its release among them: a second pass over
// what is as it should be changes nothing. A workload that is slow or fails delays no other, but for images that share a link.
package runner
