// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package fleetfaults breaks a running fleet, one fault at a time, and asks that nothing is lost. It has tests only.
//
// Each case has a fleet of its own: devices, a NATS server and an operator as processes, and the API server of a local cluster.
// Deployments are made, changed and deleted all the while; what the API server answered with 2xx is acknowledged. After the fault no
// workload was removed that nobody deleted, every device that is online has all that was acknowledged, and the status says how many
// have it, within 30 s. What is counted comes from the devices: the books of simulated ones, podman of real ones. Some devices,
// chosen at random, refuse whatever they are told.
//
//	make fleet-faults
package fleetfaults
