// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Command harmony-fleet-operator is the control plane of a fleet. It runs in a Pod, where deploy.Operator puts it.
package main
