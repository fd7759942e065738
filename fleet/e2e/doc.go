// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e tests the fleet as it is deployed: it places the production Scores on the
// local topology, breaks things through the cluster, and looks at what the fleet says.
//
// It is a thin composer. It contains no Kubernetes object: whatever a test needs of a Score that production does
// not is a field of the Score.
package e2e
