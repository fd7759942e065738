// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package etcd is the Score of a database: one etcd, built from its module, on a volume.
package etcd
