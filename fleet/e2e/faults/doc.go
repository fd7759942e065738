// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package faults breaks one thing at a time in the deploy of a real Score on the topology local, and asks that the cause
// is named; and lets other things heal late, and asks that the deploy ends well.
//
// The matrix is data: what is deployed, what is broken, the code, and one expression for each cause that any program's
// output can be held to. Breaks go through the cluster or the machine, never through Harmony's code.
//
//	make faults
//
//harmony:exempt kubeobjects it records what a cluster says; it builds none
package faults
