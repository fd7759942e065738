// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command localkube runs real Kubernetes clusters on this machine, without Docker.
package main
