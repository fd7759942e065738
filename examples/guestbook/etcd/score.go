// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package etcd

import (
	"context"
	"fmt"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

// Place is what the database needs: objects applied and reached, and an image that its Pod can run.
type Place interface {
	kube.Place
	image.Place
}

// Score is one etcd that keeps what it is told on a volume. Whoever reaches its Service may read and write.
type Score struct {
	Namespace string
	Bytes     int64 // of its volume claim; 1 GiB when zero
}

// Image is etcd as its authors publish it, at the version that the go.mod of this module pins.
var Image = image.Image{Name: "etcd", Package: "go.etcd.io/etcd/server/v3", Module: "example.com/guestbook"}

var (
	_ harmony.Score[Place]   = Score{}
	_ harmony.Remover[Place] = Score{}
)

// Name is "etcd".
func (Score) Name() string { return "etcd" }

// Interpret makes the database stand and returns when it is ready.
func (s Score) Interpret(ctx context.Context, on Place) (harmony.Outcome, error) {
	if s.Namespace == "" || s.Bytes < 0 {
		return harmony.Outcome{}, diag.New(diag.BadPlacement).
			Saw(fmt.Sprintf("the namespace is %q and the volume claim has %d bytes", s.Namespace, s.Bytes))
	}
	reference, err := on.Images().Provide(ctx, Image)
	if err != nil {
		return harmony.Outcome{}, err
	}
	return on.Kubernetes().Apply(ctx, s.inventory(), s.objects(reference)...)
}

// Remove takes the server away. Its volume claim is data.
func (s Score) Remove(ctx context.Context, on Place, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), how)
}

func (s Score) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}
