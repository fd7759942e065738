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
	topology := scoretest.Local(t)
	for name, replicas := range map[string]int{"as one server": 1, "as a cluster": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			score := nats.Score{
				Namespace: scoretest.Namespace(t), Replicas: replicas,
				Accounts: []nats.Account{{Name: "APP", JetStream: true, Users: []nats.User{{Name: "app"}}}},
			}
			scoretest.Conform(t, harmony.Place(score).On(topology))
		})
	}
}
