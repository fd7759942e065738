// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package registry keeps what an issuer must not lose: which machines and people there are, with which public keys and
// roles, the keys that tokens are signed with, the assertions that were used, and which devices ask to join.
//
// It is one file. A change is on the disk before its caller hears of it. The file holds private keys, so only its owner
// may read it; so is a backup of it.
package registry
