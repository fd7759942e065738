// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package deploy holds the Scores of Harmony Fleet: one for each component, and
// composites of them. The command line, the e2e tests and any other tool place these same Scores.
package deploy
