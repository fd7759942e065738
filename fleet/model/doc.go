// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package model has a whole fleet in memory, as tests only: the operator's plane and rollouts and the devices' decisions are
// the real ones; the API server, NATS, podman and the glue of the operator around its plane are models of them. Whatever
// people do and whatever breaks, nothing may be lost that was acknowledged, and when the faults end the fleet must heal, or say
// what keeps it from that.
//
// Each run is some 30 random actions and then a healing. There are 2000 by default, in parts of 100, which is rapid's number of
// checks for each; -rapid.checks=1000 makes them 20000, -rapid.steps=100 makes each longer, and -rapid.seed repeats one.
//
// One thing is not asked for: a device that has lost its state file cannot tell an old manifest from a new one, so until it hears
// the new one it may obey an old one in which something else had the name of what runs.
package model
