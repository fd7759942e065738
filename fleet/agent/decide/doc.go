// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package decide is what a device makes of what it is told: which manifests it obeys, what it keeps, and what is to
// be done. It is pure: no clock, no disk, no podman and no network, so the agent, the simulator and a model can share it.
//
// Absence is never deletion. Only an entry that says absent for its UID removes a workload, or one that is present and
// has its namespace and name. What is merely not listed keeps running.
package decide
