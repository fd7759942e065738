// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package pki makes the keys and certificates of a cluster: an authority for
// identities, another for the front proxy, and a certificate of its own for each
// component. Files are 0600. What exists is kept: a cluster's identities survive
// a restart.
package pki
