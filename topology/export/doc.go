// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package export is a place that is written down instead of made: what a deploy of a Score would apply, as plain
// manifests or as a Helm chart, for those who let a tool of theirs apply it.
//
// Write interprets the Score on such a place, so that an export cannot disagree with the deploy. It does so twice, with
// other generated credentials each time: where the two differ, there is a credential, or something that was made of
// one. So is found what is secret, wherever it stands, and what a chart has to compute.
package export
