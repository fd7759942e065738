// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats_test

import (
	"context"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
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

// The chart is one of our own that takes the values of the upstream one.
func TestTheServersOfAChartKeepWhatEveryScorePromises(t *testing.T) {
	on := scoretest.Local(t)
	reference, err := on.Images().Provide(t.Context(), nats.ServerImage)
	if err != nil {
		t.Fatal(err)
	}
	server := nats.Score{
		Namespace: scoretest.Namespace(t),
		Accounts:  []nats.Account{{Name: "APP", JetStream: true, Users: []nats.User{{Name: "app"}}}},
	}
	scoretest.Conform(t, harmony.Place(nats.Chart{
		Server: server, Chart: chart.Reference{Source: "testdata/nats", Name: "nats", Version: "0.0.1"},
		Values: map[string]any{"container": map[string]any{"image": reference}},
	}).On(on))
}

// Servers with TLS between them meet no server without: each deploy restarts one after another, and its smoke test needs a majority.
func TestAClusterTakesTLSBetweenItsServersAndGivesItUp(t *testing.T) {
	t.Parallel()
	on, plain := scoretest.Local(t), nats.Score{Namespace: scoretest.Namespace(t), Replicas: 3, Store: nats.Storage{Bytes: 64 << 20}}
	encrypted := plain
	encrypted.TLS = &nats.TLS{}
	t.Cleanup(func() {
		if _, err := (harmony.Run{Purge: true}).Remove(context.WithoutCancel(t.Context()), harmony.Place(plain).On(on)); err != nil {
			t.Error(err)
		}
	})
	for _, s := range []nats.Score{plain, encrypted, plain} {
		if _, err := harmony.Deploy(t.Context(), harmony.Place(s).On(on)); err != nil {
			t.Fatalf("TLS %v: %v", s.TLS, err)
		}
	}
}
