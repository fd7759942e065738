// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package cli is the command line harmony-fleet, for whoever looks after a fleet: it shows what the operator knows, gives devices
// commands, and applies Deployments and Devices after it has shown which devices that changes.
//
// It reaches the leader's API through a port-forward, as the person of the kubeconfig, and knows the leader by the certificate
// that the FleetState names. What it applies comes from files; it makes no objects of its own.
//
//harmony:exempt kubeobjects it applies what people wrote into files, and reads it as it is
package cli
