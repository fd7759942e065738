// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package helmchart deploys any Helm chart as a Score: its templates are rendered here, and what comes out is applied,
// watched, planned and removed like the objects of any other Score. There is no release of Helm: nothing of it is kept in the
// cluster, and helm list does not know of it.
//
// What Helm would guess is an error instead: a value that the chart does not know, a chart that is not the one that was
// pinned, a hook that would not be run, a template that asks the cluster or renders something else each time.
package helmchart
