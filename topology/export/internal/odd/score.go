// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package odd is a Score for the tests of exports: it makes whatever is hard to write down.
package odd

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// Place is what it needs: objects applied, and an image.
type Place interface {
	kube.Place
	image.Place
}

// Score has credentials in places where nobody looks for them, text that templates would take for theirs, and a kind of
// its own.
type Score struct {
	Namespace string
	// Given is a credential that is not generated.
	Given secret.Value
	// Disguised writes a generated credential in a way that nobody can tell from anything else.
	Disguised bool
	// Fickle makes it another each time.
	Fickle bool
	// Definition is a kind of its own, Thing an object of it.
	Definition, Thing bool
	// Shared tells that others bring the same objects along.
	Shared bool
}

// Image is one that is published nowhere.
var Image = image.Image{Name: "odd-image", Package: "example.com/odd"}

var _ harmony.Score[Place] = Score{}

// Name is "odd".
func (Score) Name() string { return "odd" }

// Interpret applies everything, and then asks who is there.
func (s Score) Interpret(ctx context.Context, on Place) (harmony.Outcome, error) {
	reference, err := on.Images().Provide(ctx, Image)
	if err != nil {
		return harmony.Outcome{}, err
	}
	values, _, err := on.Kubernetes().Generate(ctx, s.inventory(), "odd-login", "password")
	if err != nil {
		return harmony.Outcome{}, err
	}
	outcome, err := on.Kubernetes().Apply(ctx, s.inventory(), s.objects(reference, values["password"])...)
	if err != nil {
		return outcome, err
	}
	conn, err := on.Kubernetes().Dial(ctx, kube.Service{Namespace: s.Namespace, Name: s.Name(), Port: 80})
	if err != nil {
		return outcome, err
	}
	return outcome, conn.Close()
}

// SmokeTest sees that the credential is there.
func (s Score) SmokeTest(ctx context.Context, on Place) error {
	values, err := on.Kubernetes().Secret(ctx, s.Namespace, "odd-login")
	if err == nil && values["password"].IsZero() {
		return diag.New(diag.NobodyAnswered, "Secret/odd-login")
	}
	return err
}

func (s Score) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name(), Shared: s.Shared}
}
