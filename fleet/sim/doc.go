// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package sim is devices that run nothing and speak the fleet's protocol over real connections: thousands of them in one
// process. What a device obeys is decided by the code of the agent (package decide); what it says follows a script.
//
// The simulator keeps its own books: what runs where, what was removed, what came in the wrong order, and which contents were
// not what their digests name. Tests and measurements take their counts from there, never from what a control plane says of
// itself.
//
// A Device costs no goroutine, so a process holds many. Connect makes the connections, with one device each or several.
package sim
