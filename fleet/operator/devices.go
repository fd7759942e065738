// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/plane"
)

// watchDevices tells the plane of every Device of the fleet.
func (o *operator) watchDevices(ctx context.Context, from cache.Cache) error {
	set := func(before, now any) {
		if d, ok := now.(*fleet.Device); ok {
			o.reported.set(o, d)
			o.setAccess(d.Name, d.Spec.Access == fleet.AccessRevoked, time.Now())
			o.setKeys(before, d, time.Now())
			o.state.Await(d.Name, meta.IsStatusConditionTrue(d.Status.Conditions, fleet.ConditionReady))
		}
	}
	registered, err := watch(ctx, from, &fleet.Device{}, toolscache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { set(nil, object) }, UpdateFunc: set,
		DeleteFunc: func(object any) {
			if last, ok := object.(toolscache.DeletedFinalStateUnknown); ok {
				object = last.Obj
			}
			if d, ok := object.(*fleet.Device); ok {
				o.reported.drop(o, d.Name)
				o.infos.drop(d.Name)
				o.dropAccess(d.Name, time.Now())
			}
		},
	})
	if err == nil {
		o.enrolled = registered.HasSynced
	}
	return err
}

// watchFleet tells the plane who may target what, and who is buried.
func (o *operator) watchFleet(ctx context.Context, from cache.Cache) error {
	set := func(object any) {
		if f, ok := object.(*fleet.FleetState); ok {
			o.learn(ctx, f)
		}
	}
	_, err := watch(ctx, from, &fleet.FleetState{}, toolscache.ResourceEventHandlerFuncs{AddFunc: set, UpdateFunc: func(before, now any) {
		b, _ := before.(*fleet.FleetState)
		if n, ok := now.(*fleet.FleetState); ok && b != nil && teaches(b, n) {
			o.learn(ctx, n)
		}
	}})
	return err
}

// teaches tells whether there is something to learn of how a FleetState is now. Neither its generation nor how many are buried
// says that after a restore of etcd.
func teaches(before, now *fleet.FleetState) bool {
	return !reflect.DeepEqual(before.Spec, now.Spec) || !reflect.DeepEqual(before.Status.Removed, now.Status.Removed)
}

func watch(ctx context.Context, from cache.Cache, kind client.Object, handler toolscache.ResourceEventHandler) (toolscache.ResourceEventHandlerRegistration, error) {
	informer, err := from.GetInformer(ctx, kind, cache.BlockUntilSynced(false))
	if err != nil {
		return nil, fmt.Errorf("watch %T: %w", kind, err)
	}
	registered, err := informer.AddEventHandler(handler)
	if err != nil {
		return nil, fmt.Errorf("watch %T: %w", kind, err)
	}
	return registered, nil
}

func (o *operator) learn(ctx context.Context, f *fleet.FleetState) {
	var grants []plane.Grant
	for _, g := range f.Spec.Grants {
		selector, err := metav1.LabelSelectorAsSelector(&g.Devices)
		if err != nil {
			o.log.Warn("a grant is not understood, and grants nothing", "namespace", g.Namespace, "reason", err.Error())
			selector = labels.Nothing()
		}
		if !slices.Contains(o.Namespaces, g.Namespace) {
			o.log.Warn("a grant is for a namespace that this operator does not watch", "namespace", g.Namespace)
		}
		grants = append(grants, plane.Grant{Namespace: g.Namespace, Devices: selector})
	}
	o.state.SetGrants(grants)
	o.state.SetGraves(graves(f))
	o.reported.learn(ctx, o, *f.Spec.DeepCopy())
}

func graves(f *fleet.FleetState) (all []plane.Grave) {
	for _, r := range f.Status.Removed {
		all = append(all, plane.Grave{Namespace: r.Namespace, Name: r.Name, UID: r.UID, Generation: r.Generation})
	}
	return all
}
