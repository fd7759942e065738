// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"sync"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"nationtech.io/harmony/wait"
)

// A sender writes an object: create or update.
type sender func(context.Context, resource, Object, schema.GroupVersionKind) (*unstructured.Unstructured, error)

// keep renews the lease until it is released, also when the run was cancelled: what it has begun may
// still be under way.
func (l *lease) keep(ctx context.Context, lost func(error)) (release func(context.Context)) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var renewing sync.WaitGroup
	renewing.Go(func() {
		for wait.Sleep(ctx, l.lasts/3) == nil {
			if err := l.renew(context.WithoutCancel(ctx)); err != nil { // a request that is under way is not cut off: whether it was done must be known
				lost(err)
				return
			}
		}
	})
	return func(ctx context.Context) {
		cancel()
		renewing.Wait()
		l.release(ctx)
	}
}

// renew writes the lease anew. Its error says who has taken it over; what cannot be asked is asked again next time.
func (l *lease) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.lasts/3)
	defer cancel()
	now := metav1.NowMicro()
	l.live.Spec.RenewTime = &now
	stored, err := l.client.update(ctx, leases, l.live, l.GroupVersionKind)
	switch {
	case err == nil:
		l.noted(stored)
	case apierrors.IsConflict(err):
		var live coordinationv1.Lease
		if found, err := l.client.read(ctx, leases, l.reference, &live); err != nil || !found {
			return nil // the next renewal finds out
		}
		if holderOf(&live) != l.self {
			return taken(l.reference, &live).Note("this run had not renewed its lease for " + l.lasts.String())
		}
		l.live.ResourceVersion = live.ResourceVersion
	case apierrors.IsNotFound(err):
		again := l.wanted(nil)
		again.Spec.AcquireTime = l.live.Spec.AcquireTime
		if stored, err := l.client.create(ctx, leases, again, l.GroupVersionKind); err == nil {
			l.live = again
			l.noted(stored)
		}
	}
	return nil
}

// noted keeps what identifies the Lease that stands.
func (l *lease) noted(stored *unstructured.Unstructured) {
	l.live.UID, l.live.ResourceVersion = stored.GetUID(), stored.GetResourceVersion()
	l.client.leased.Store(stored.GetUID(), true)
}

// release deletes the Lease if it is still this run's. What cannot be deleted runs out.
func (l *lease) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, leaseAnswered)
	defer cancel()
	defer l.client.leased.Delete(l.live.UID)
	for range 2 {
		err := l.client.in(leases, l.Namespace).Delete(ctx, l.Name, metav1.DeleteOptions{
			Preconditions: &metav1.Preconditions{UID: &l.live.UID, ResourceVersion: &l.live.ResourceVersion},
		})
		if !apierrors.IsConflict(err) {
			return
		}
		var live coordinationv1.Lease
		if found, err := l.client.read(ctx, leases, l.reference, &live); err != nil || !found || holderOf(&live) != l.self {
			return
		}
		l.live.UID, l.live.ResourceVersion = live.UID, live.ResourceVersion
	}
}
