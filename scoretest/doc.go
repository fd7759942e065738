// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package scoretest tests Scores, whoever wrote them: Conform holds one to what every Score promises, on a
// real Kubernetes.
//
//	func TestTheScoreConforms(t *testing.T) {
//		score := db.Score{Namespace: scoretest.Namespace(t)}
//		scoretest.Conform(t, harmony.Place(score).On(scoretest.Local(t)))
//	}
//
// It breaks things the way that they break: it edits and deletes objects by hand, stops workloads, cancels
// contexts and kills itself in the middle of a deploy. For that it looks at the cluster beside Harmony, as a
// stranger. It knows no kind of object: what there is, discovery tells.
package scoretest
