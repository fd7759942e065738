// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package good has smoke tests that look.
package good

import (
	"context"
	"errors"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/wait"
)

type base struct{}

func (base) Name() string { return "score" }

func (base) Interpret(context.Context, kube.Place) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

var names []string

func look(ctx context.Context, on kube.Place) error {
	_, err := on.Kubernetes().Pods(ctx, "score", nil)
	return err
}

type fails struct{ base }

func (s fails) SmokeTest(ctx context.Context, on kube.Place) error {
	if ctx.Err() != nil {
		return s.failed()
	}
	return look(ctx, on)
}

func (fails) failed() error { return errors.ErrUnsupported }

type direct struct{ base }

func (s direct) SmokeTest(ctx context.Context, on kube.Place) error {
	return look(ctx, on)
}

type byPart struct{ base }

func (s byPart) SmokeTest(ctx context.Context, on kube.Place) error {
	cluster := on.Kubernetes()
	for range names {
		if _, err := cluster.Pods(ctx, "score", nil); err != nil {
			return err
		}
	}
	return nil
}

type wholeLoop struct{ base }

func (s wholeLoop) SmokeTest(ctx context.Context, on kube.Place) error {
	for _, name := range []string{"a", "b"} {
		if _, err := on.Kubernetes().Pods(ctx, name, nil); err != nil {
			return err
		}
	}
	return nil
}

type counted struct{ base }

func (s counted) SmokeTest(ctx context.Context, on kube.Place) error {
	for range 3 {
		if err := look(ctx, on); err != nil {
			return err
		}
	}
	return nil
}

type waits struct{ base }

func (s waits) SmokeTest(ctx context.Context, on kube.Place) error {
	return wait.Until(ctx, "an answer", wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		err := look(ctx, on)
		return "", err == nil, nil
	})
}

type closure struct{ base }

func (s closure) SmokeTest(ctx context.Context, on kube.Place) error {
	probe := func() error { return look(ctx, on) }
	if err := probe(); err != nil {
		return err
	}
	return nil
}

type early struct{ base }

func (s early) SmokeTest(ctx context.Context, on kube.Place) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var err error
	if err = s.check(); err != nil {
		return err
	}
	return look(ctx, on)
}

func (early) check() error { return nil }

type explains struct{ base }

func (s explains) SmokeTest(ctx context.Context, on kube.Place) error {
	return s.explain(on, look(ctx, on))
}

func (explains) explain(on kube.Place, err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, look(context.Background(), on))
}

type named struct{ base }

func (s named) SmokeTest(ctx context.Context, on kube.Place) (err error) {
	err = look(ctx, on)
	return
}

type forever struct{ base }

func (s forever) SmokeTest(ctx context.Context, on kube.Place) error {
	for {
		if look(ctx, on) == nil {
			return nil
		}
	}
}

type panics struct{ base }

func (s panics) SmokeTest(ctx context.Context, on kube.Place) error {
	if ctx == nil {
		panic("no context")
	}
	return look(ctx, on)
}

type either struct{ base }

func (s either) SmokeTest(ctx context.Context, on kube.Place) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	if err := look(ctx, on); err != nil {
		return err
	}
	return nil
}

// What is not called on a place is no Score's.
type tool struct{}

func (tool) SmokeTest(ctx context.Context, on kube.Place) error { return nil }
