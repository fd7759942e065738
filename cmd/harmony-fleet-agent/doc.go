// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Command harmony-fleet-agent is the fleet's agent: it runs on a device, or in a
// Pod, and connects it to the fleet. See docs/guides/agent.md.
package main
