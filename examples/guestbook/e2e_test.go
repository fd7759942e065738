// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package guestbook_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/scoretest"
	"nationtech.io/harmony/topology/local"

	"example.com/guestbook"
	"example.com/guestbook/etcd"
	"example.com/guestbook/web"
)

func TestTheGuestbookKeepsWhatEveryScorePromises(t *testing.T) {
	score := guestbook.Score{Namespace: scoretest.Namespace(t)}
	scoretest.Conform(t, harmony.Place(score).On(place(t)))
}

func TestEntriesOutliveTheDatabasesServer(t *testing.T) {
	place := place(t)
	score := guestbook.Score{Namespace: scoretest.Namespace(t)}
	placement := harmony.Place(score).On(place)
	t.Cleanup(func() { purge(t, placement) })
	report, err := harmony.Deploy(t.Context(), placement)
	if err != nil {
		t.Fatal(err)
	}
	if facts := report.Placements[0].Facts; len(facts) != 1 || !strings.HasPrefix(facts[0], "signed, read back and heard of in ") {
		t.Errorf("proved %q", facts)
	}
	visit := web.Score{Namespace: score.Namespace}.Ref().Visit(place.Kubernetes())
	signed, err := visit.Sign(t.Context(), "Ada", "was here")
	if err != nil {
		t.Fatal(err)
	}

	database := harmony.Place(etcd.Score{Namespace: score.Namespace}).On(place)
	if _, err := harmony.Remove(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	_, err = harmony.Verify(t.Context(), placement)
	var failure *harmony.Failure
	if !errors.As(err, &failure) || !failure.Smoke() || len(failure.Placements) != 2 {
		t.Errorf("without its database the server and the database fail their smoke tests, and the guestbook is not asked; got %v", err)
	}

	if _, err := harmony.Deploy(t.Context(), placement); err != nil {
		t.Fatal(err)
	}
	if all, err := visit.Read(t.Context()); err != nil || len(all) != 1 || all[0] != signed {
		t.Errorf("signed %v and read %v, %v", signed, all, err)
	}
}

// place is the local cluster, which has all images already: to compile a database takes longer than a deploy may.
func place(t *testing.T) *local.Topology {
	t.Helper()
	place := scoretest.Local(t)
	for _, i := range []image.Image{etcd.Image, web.Image, nats.ServerImage} {
		if _, err := place.Images().Provide(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	return place
}

func purge(t *testing.T, placement *harmony.Placement) {
	t.Helper()
	removed, err := harmony.Run{Purge: true}.Remove(context.WithoutCancel(t.Context()), placement)
	if err != nil {
		t.Error(err)
	}
	for _, p := range removed.Placements {
		if len(p.Kept) > 0 {
			t.Errorf("%v kept %v", p.Path, p.Kept)
		}
	}
}
