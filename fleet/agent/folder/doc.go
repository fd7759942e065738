// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package folder writes what a device needs to be part of a fleet, as its agent reads it: agent.toml, key.pem and ca.pem.
// It is what an enrolment leaves behind, wherever that is done. Doing it again changes nothing, and what belongs to
// another device is never written over.
package folder
