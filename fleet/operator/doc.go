// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package operator is the control plane of a fleet: it turns Deployments and the labels of Devices into what each device is
// told, and what devices report into the status of Deployments.
//
// The Kubernetes API is the truth; what stands in NATS is derived and may be lost at any time. Package plane decides, package
// bus speaks NATS, and this package is between them and Kubernetes: it watches, leads, and writes. In a steady state it writes
// nothing; while things change, the status of a Deployment is written once a second at most, and every two seconds while
// devices are on their way.
//
// Its scope is one fleet: the FleetState of its own namespace, the Devices that name that namespace as their fleet, and the
// Deployments of the namespaces that it was started for. Several operators of one fleet elect a leader; each leadership has a
// term of its own, which devices compare.
//
//harmony:exempt kubeobjects it writes the status of what people made, and keeps the releases of their Deployments
package operator
