// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package source finds the Go sources that Harmony builds from while it runs: the
// images of its own programs, and the manager of the local Kubernetes.
//
// They are a checkout where there is one, so that what a person edits is what
// runs; else the module version that the running program was built from.
package source
