// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Command harmony-fleet-callout tells NATS servers who connects.
package main
