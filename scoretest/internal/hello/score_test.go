// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package hello_test

import (
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/scoretest"
	"nationtech.io/harmony/scoretest/internal/hello"
)

func TestWhatIsNotSpoiledKeepsWhatEveryScorePromises(t *testing.T) {
	t.Parallel()
	score := hello.Score{Namespace: scoretest.Namespace(t), Text: "hello\n"}
	scoretest.Conform(t, harmony.Place(score).On(scoretest.Local(t)))
}
