// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package store keeps what an agent must not forget on the disk: what it holds to, and the releases that names. What
// Save has returned from survives a power cut. A file that cannot be read is put aside, never overwritten, and said.
package store
