// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/scoretest/internal/hello"
	"nationtech.io/harmony/wait"
)

// restless deploys something else each time.
type restless struct{ hello.Score }

func (s restless) Interpret(ctx context.Context, on hello.Place) (harmony.Outcome, error) {
	s.Text = rand.Text()
	return s.Score.Interpret(ctx, on)
}

func (restless) SmokeTest(context.Context, hello.Place) error { return nil }

// content is content with whatever it finds.
type content struct{ hello.Score }

func (content) SmokeTest(context.Context, hello.Place) error { return nil }

// careless keeps something that its Remove knows nothing of.
type careless struct{ hello.Score }

func (s careless) Interpret(ctx context.Context, on hello.Place) (harmony.Outcome, error) {
	outcome, err := s.Score.Interpret(ctx, on)
	if err != nil {
		return outcome, err
	}
	_, made, err := on.Kubernetes().Generate(ctx, kube.Inventory{Namespace: s.Namespace, Name: "other"}, "forgotten", "key")
	outcome.Changes = append(outcome.Changes, made.Changes...)
	return outcome, err
}

// wasteful has data, and purges whether it is asked to or not.
type wasteful struct{ hello.Score }

var _ harmony.Remover[hello.Place] = wasteful{}

func (s wasteful) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}

func (s wasteful) Interpret(ctx context.Context, on hello.Place) (harmony.Outcome, error) {
	_, made, err := on.Kubernetes().Generate(ctx, s.inventory(), "password", "key")
	if err != nil {
		return made, err
	}
	outcome, err := s.Score.Interpret(ctx, on)
	outcome.Changes = append(outcome.Changes, made.Changes...)
	return outcome, err
}

func (s wasteful) Remove(ctx context.Context, on hello.Place, _ harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), harmony.Removal{Purge: true})
}

// lazy does nothing once it has been done.
type lazy struct{ hello.Score }

func (s lazy) done() kube.Inventory { return kube.Inventory{Namespace: s.Namespace, Name: "done"} }

func (s lazy) Interpret(ctx context.Context, on hello.Place) (harmony.Outcome, error) {
	done, err := on.Kubernetes().Secret(ctx, s.Namespace, "done")
	if err != nil || len(done) > 0 {
		return harmony.Outcome{}, err
	}
	outcome, err := s.Score.Interpret(ctx, on)
	if err != nil {
		return outcome, err
	}
	_, made, err := on.Kubernetes().Generate(ctx, s.done(), "done", "key")
	outcome.Changes = append(outcome.Changes, made.Changes...)
	return outcome, err
}

// locked holds a lock while it deploys, which nobody opens for one that was killed.
type locked struct{ hello.Score }

func (s locked) lock() kube.Inventory { return kube.Inventory{Namespace: s.Namespace, Name: "lock"} }

func (s locked) Interpret(ctx context.Context, on hello.Place) (harmony.Outcome, error) {
	_, made, err := on.Kubernetes().Generate(ctx, s.lock(), "lock", "key")
	if err != nil {
		return harmony.Outcome{}, err
	}
	if len(made.Changes) == 0 {
		return harmony.Outcome{}, fmt.Errorf("%s is locked: another deploy is under way", s.Name())
	}
	outcome, err := s.Score.Interpret(ctx, on)
	_, open := on.Kubernetes().Remove(context.WithoutCancel(ctx), s.lock(), harmony.Removal{Purge: true})
	if err == nil {
		err = open
	}
	return outcome, err
}

// stubborn does not let itself be interrupted.
type stubborn struct{ hello.Score }

func (s stubborn) Interpret(ctx context.Context, on hello.Place) (harmony.Outcome, error) {
	outcome, err := s.Score.Interpret(ctx, on)
	if err != nil {
		_ = wait.Sleep(context.WithoutCancel(ctx), 20*time.Second) // it thinks about that
	}
	return outcome, err
}
