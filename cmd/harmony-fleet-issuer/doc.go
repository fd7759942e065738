// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Command harmony-fleet-issuer is the identity provider of a fleet that has no other.
package main
