// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package callouttest runs a real nats-server in callout mode with the accounts of a fleet, a real issuer and real
// callouts, all within the process of a test and on real sockets of loopback.
package callouttest
