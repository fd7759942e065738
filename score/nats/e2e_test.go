// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats_test

import (
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/scoretest"
)

func TestTheScoreKeepsWhatEveryScorePromises(t *testing.T) {
	score := nats.Score{
		Namespace: scoretest.Namespace(t),
		Accounts:  []nats.Account{{Name: "APP", JetStream: true, Users: []nats.User{{Name: "app"}}}},
	}
	scoretest.Conform(t, harmony.Place(score).On(scoretest.Local(t)))
}
