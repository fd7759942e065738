// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

// making is a component whose smoke test makes something and takes it away again.
type making struct {
	job
	in    kube.Inventory
	proof func(ctx context.Context, on kube.Cluster) error
}

func (m making) SmokeTest(ctx context.Context, on kube.Place) error {
	return on.Kubernetes().Alone(ctx, m.in, func(ctx context.Context) error {
		if _, err := on.Kubernetes().Apply(ctx, m.in, settings("made", nil)); err != nil {
			return err
		}
		err := m.proof(ctx, on.Kubernetes())
		_, removed := on.Kubernetes().Remove(context.WithoutCancel(ctx), m.in, harmony.Removal{})
		return errors.Join(err, removed)
	})
}

func (c cluster) making(in kube.Inventory, proof func(context.Context, kube.Cluster) error) *harmony.Placement {
	return harmony.Place(making{job{in.Name, nil}, in, proof}).On(site{c.Client, c.Client})
}

func TestSmokeTestsThatMakeTheSameTakeTurns(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	var at, passed atomic.Int32
	var all errgroup.Group
	for range 3 {
		all.Go(func() error {
			_, err := harmony.Run{Limit: time.Minute}.Verify(t.Context(), c.making(in, func(ctx context.Context, _ kube.Cluster) error {
				if at.Add(1) != 1 {
					t.Error("two at once")
				}
				defer at.Add(-1)
				passed.Add(1)
				_, err := c.stranger.CoreV1().ConfigMaps(in.Namespace).Get(ctx, "made", metav1.GetOptions{})
				return err
			}))
			return err
		})
	}
	if err := all.Wait(); err != nil || passed.Load() != 3 || c.lease(t, in) != nil {
		t.Errorf("%v; %d passed; the lease: %v", text(err), passed.Load(), c.lease(t, in))
	}
}

func TestTheTurnOfOneThatDiedElsewhereIsTakenOver(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	c.elsewhere(t, in)
	var waited []string
	_, err := harmony.Run{Limit: time.Minute, Events: event.SinkFunc(func(r event.Record) {
		if w, ok := r.Event.(event.Waiting); ok {
			waited = append(waited, w.Saw)
		}
	})}.Verify(t.Context(), c.making(in, func(context.Context, kube.Cluster) error { return nil }))
	if err != nil || c.lease(t, in) != nil {
		t.Errorf("%v; the lease: %v", text(err), c.lease(t, in))
	}
	if len(waited) == 0 || waited[0] != "held by ann@laptop, process 7, run QXZ4TP; this run has its turn after that" {
		t.Errorf("nobody is told whose turn it is: %q", waited)
	}
}

func TestWhoseTurnDoesNotComeTouchesNothingAndSaysWhoHasIt(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	var second error
	_, err := harmony.Verify(t.Context(), c.making(in, func(ctx context.Context, _ kube.Cluster) error {
		_, second = harmony.Run{Limit: 4 * time.Second}.Verify(ctx, c.making(in, func(context.Context, kube.Cluster) error { return errors.New("two at once") }))
		_, err := c.stranger.CoreV1().ConfigMaps(in.Namespace).Get(ctx, "made", metav1.GetOptions{})
		return err
	}))
	if err != nil || fmt.Sprint(codes(second)) != fmt.Sprint([]diag.Code{diag.LimitReached}) || !strings.Contains(text(second), "this run has its turn after that") {
		t.Errorf("%v; the second:\n%s", text(err), text(second))
	}
}

func TestWhoHasLostItsTurnLeavesAloneWhatIsTheOthers(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	_, err := harmony.Run{Limit: time.Minute}.Verify(t.Context(), c.making(in, func(ctx context.Context, on kube.Cluster) error {
		l, who := c.lease(t, in), "ann@laptop"
		l.Spec.HolderIdentity, l.Annotations = &who, nil
		if _, err := c.stranger.CoordinationV1().Leases(in.Namespace).Update(ctx, l, metav1.UpdateOptions{}); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}))
	if fmt.Sprint(codes(err)) != fmt.Sprint([]diag.Code{diag.PlaceBusy}) || !strings.Contains(text(err), "ann@laptop") {
		t.Errorf("got\n%s", text(err))
	}
	if _, err := c.stranger.CoreV1().ConfigMaps(in.Namespace).Get(t.Context(), "made", metav1.GetOptions{}); err != nil {
		t.Errorf("it took away what the other has: %v", err)
	}
	if now := c.lease(t, in); now == nil || *now.Spec.HolderIdentity != "ann@laptop" {
		t.Errorf("the lease of the other was touched: %v", now)
	}
}
