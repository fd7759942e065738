// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e drives the real localkube and looks at the machine around it. Its
// tests need Linux and root, and are skipped, with the reason, without them.
//
// It holds manifests of Kubernetes objects for the same reason as package addons:
// localkube makes the place that Scores are placed on, and cannot use them.
package e2e
