// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package agent is the fleet's agent: it stands on a device, stays connected to
// the fleet's NATS, says that it lives, and carries out commands.
//
// It never gives up on NATS: it starts without it, outlives its restarts and
// refused credentials, and reports the state of the connection rather than fail.
// Commands are read strictly (see package contract), each request is answered
// at most once, only on the subject that the contract fixes, and nothing that
// comes over the wire ends the process.
package agent
