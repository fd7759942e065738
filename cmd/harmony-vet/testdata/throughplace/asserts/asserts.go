// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package asserts looks behind its place.
package asserts

import (
	"context"
	"errors"
	"io"
	"net"
	"reflect"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
)

// Place is what the Score needs.
type Place interface {
	kube.Place
	image.Place
	Database(name string) Database
	Link() net.Conn
	io.Closer
}

// Database is a capability.
type Database interface{ Query(string) error }

// Score is any.
type Score struct{}

// Name is "asserts".
func (Score) Name() string { return "asserts" }

// Interpret asks in many ways.
func (Score) Interpret(ctx context.Context, on Place) (harmony.Outcome, error) {
	_, _ = on.(interface{ Close() error })   // want "a type assertion on the Score's place"
	_ = any(on).(interface{ Close() error }) // want "a type assertion on the Score's place"
	_ = on.Kubernetes().(*kube.Client)       // want "a type assertion on the Score's place"
	cluster := on.Kubernetes()
	switch cluster := cluster.(type) { // want "a type assertion on the Score's place"
	case *kube.Client:
		_ = cluster
	}
	var hidden any = on
	again := hidden
	_ = again.(kube.Place) // want "a type assertion on the Score's place"
	hold := holder{what: on, name: "x"}
	_ = hold.what.(kube.Place) // want "a type assertion on the Score's place"
	_, _ = as[*kube.Client](cluster)
	_ = give(on).(kube.Place) // want "a type assertion on the Score's place"
	func(x any) {
		_ = x.(kube.Place) // want "a type assertion on the Score's place"
	}(on)
	_ = reflect.ValueOf(on)                     // want "reflection on the Score's place"
	_ = on.Database("x").(interface{ Admin() }) // want "a type assertion on the Score's place"
	deep(on)
	deeper[Place](on, nil)
	return harmony.Outcome{}, connect(ctx, cluster)
}

// SmokeTest looks at the place as another interface.
func (Score) SmokeTest(ctx context.Context, on Place) error {
	var narrow kube.Place = on
	_ = narrow.(image.Place) // want "a type assertion on the Score's place"
	return Reach(ctx, on.Kubernetes())
}

type holder struct {
	what any
	name any
}

func as[T any](x any) (T, bool) {
	t, ok := x.(T) // want "a type assertion on the Score's place"
	return t, ok
}

func give(on Place) any { return on }

func deep(on interface{ kube.Place }) {
	_ = on.(image.Place) // want "a type assertion on the Score's place"
}

func deeper[P Place](on P, other any) {
	_ = any(on).(kube.Place) // want "a type assertion on the Score's place"
	_ = other.(string)
}

// Client is what reaching needs.
type Client interface {
	kube.Reader
	kube.Dialer
}

// Reach is for other packages too.
func Reach(ctx context.Context, on Client) error {
	_, _ = on.(kube.Applier) // want "a type assertion on the Score's place"
	return connect(ctx, nil)
}

func connect(_ context.Context, on kube.Cluster) error {
	if _, ok := on.(*kube.Client); ok { // want "a type assertion on the Score's place"
		return nil
	}
	return errors.ErrUnsupported
}

type fruit interface{ Name() string }

func good(on Place, file io.Closer, objects []kube.Object, f fruit, err error) (n int) {
	if _, ok := on.Link().(*net.TCPConn); ok {
		n++
	}
	if _, ok := file.(io.Reader); ok {
		n++
	}
	for _, o := range objects {
		if _, ok := o.(interface{ Size() int }); ok {
			n++
		}
	}
	if _, ok := f.(Score); ok {
		n++
	}
	if _, ok := err.(interface{ Timeout() bool }); ok {
		n++
	}
	if s, ok := (holder{}).name.(string); ok {
		n += len(s)
	}
	return n
}
