// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/score/nats"

	"example.com/guestbook/etcd"
)

// Place is what the server needs: objects applied and reached, and an image that its Pod can run.
type Place interface {
	kube.Place
	image.Place
}

// Score is the server of the guestbook. It starts without database and NATS, and works when they are there.
type Score struct {
	Namespace string
	Store     etcd.Ref
	NATS      nats.Ref // in the same namespace, with the user Publisher
}

// Image is built from the package beside this one.
var Image = image.Image{Name: "guestbook-server", Package: "example.com/guestbook/web/server", Module: "example.com/guestbook"}

// Publisher is who tells of new entries: a user that the NATS must have.
const Publisher = "guestbook"

var (
	_ harmony.Score[Place]   = Score{}
	_ harmony.Remover[Place] = Score{}
)

// Name is "web".
func (Score) Name() string { return "web" }

// Interpret makes the server stand and returns when it is ready.
func (s Score) Interpret(ctx context.Context, on Place) (harmony.Outcome, error) {
	if s.Namespace == "" || s.Namespace != s.NATS.Namespace {
		return harmony.Outcome{}, diag.New(diag.BadPlacement).
			Saw(fmt.Sprintf("the namespace is %q and that of its NATS is %q", s.Namespace, s.NATS.Namespace)).
			Note("the password is a Secret beside NATS, and a Pod reads Secrets of its own namespace only")
	}
	reference, err := on.Images().Provide(ctx, Image)
	if err != nil {
		return harmony.Outcome{}, err
	}
	password, err := nats.Prepare(ctx, on.Kubernetes(), s.NATS, Publisher)
	if err != nil {
		return password, err
	}
	outcome, err := on.Kubernetes().Apply(ctx, s.inventory(), s.objects(reference)...)
	outcome.Changes = append(password.Changes, outcome.Changes...)
	return outcome, err
}

// Remove takes the server away: its data is the database's.
func (s Score) Remove(ctx context.Context, on Place, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), how)
}

func (s Score) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}
