// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e drives the real localkube and looks at the machine around it. Its
// tests need Linux and root, and are skipped, with the reason, without them.
//
// It holds a manifest of Kubernetes objects for the same reason as package addons.
//
//harmony:exempt kubeobjects it tests what makes the place that Scores are placed on, with a StatefulSet and its volume
package e2e
