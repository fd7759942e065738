// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats_test

import (
	"testing"

	"pgregory.net/rapid"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/scoretest"
)

// variations are Scores as people write them, of the same component: what differs is what a deploy has to change. A
// size that differs cannot be changed, and the plan must find that too.
func variations(namespace string) *rapid.Generator[nats.Score] {
	subjects := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,6}(\.[a-z]{1,6}|\.\*)?`), 1, 3, rapid.ID)
	users := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) nats.User {
		user := nats.User{Name: rapid.StringMatching(`[a-z]{2,8}`).Draw(t, "name")}
		if rapid.Bool().Draw(t, "bounded") {
			user.Publish, user.Subscribe = subjects.Draw(t, "publish"), append(subjects.Draw(t, "subscribe"), messaging.Inboxes)
		}
		return user
	}), 0, 3, func(u nats.User) string { return u.Name })
	return rapid.Custom(func(t *rapid.T) nats.Score {
		return nats.Score{
			Namespace:   namespace,
			OutsidePort: rapid.SampledFrom([]int{0, 0, 30433}).Draw(t, "outside"),
			Store:       nats.Storage{Bytes: rapid.SampledFrom([]int64{64 << 20, 64 << 20, 64 << 20, 128 << 20}).Draw(t, "bytes")},
			Accounts: []nats.Account{{
				Name: "APP", JetStream: rapid.Bool().Draw(t, "JetStream"),
				MaxPayload: rapid.SampledFrom([]int{0, 1024, 65536}).Draw(t, "payload"),
				Exports:    subjects.Draw(t, "exports"), Users: users.Draw(t, "users"),
			}},
		}
	})
}

func TestAPlanForetellsEveryVariationOfTheScore(t *testing.T) {
	t.Parallel()
	const some = 6 // a deploy takes seconds
	place, generator := scoretest.Local(t), variations(scoretest.Namespace(t))
	var all []*harmony.Placement
	for seed := range some {
		all = append(all, harmony.Place(generator.Example(seed)).On(place))
	}
	scoretest.Foretold(t, all...)
}
