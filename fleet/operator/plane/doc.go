// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package plane decides what a fleet's control plane says: which devices a Deployment matches, what each device is told,
// what may be removed from it, and how what devices report adds up.
//
// It is told everything (State.SetDevice, State.SetDeployment, State.Report, …) and asked for the rest: State.Next for the
// manifests to write, State.Changed for the Deployments whose counts changed. It touches neither Kubernetes nor NATS, and
// no clock: the caller says what time it is. Every change costs what it concerns: the labels of one device that device,
// a Deployment its devices.
//
// A Deployment with a Rollout reaches its devices step by step: State.Steps says where it goes, and State.Take goes there, after
// the caller has kept it. Which device is told which release is decided by package rollout.
//
// The rules are those of the fleet's protocol. What is merely not listed keeps running; a workload is removed by an entry
// that says absent, and there is one only with proof: the Deployment is being deleted, or is in the graveyard, or exists
// in a generation not below the device's and does not select the device, whose labels have been stable for a minute.
package plane
