// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/plane"
)

// deployments makes each Deployment known to the plane, after its content is where devices fetch it. It runs in the leader only.
type deployments struct {
	*operator
	mu sync.Mutex
	// known is what the plane was told of each Deployment.
	known map[types.NamespacedName]known
}

type known struct {
	uid     types.UID
	release fleet.ReleaseRef
	// goes is when this process first saw that it is being deleted.
	goes time.Time
}

const (
	// workers is how many Deployments are looked at side by side.
	workers = 4
	// One that could not be looked at, as while NATS is away, is looked at again after failedSoon, and less and less often up to
	// failedSeldom: what was asked for meanwhile is told some seconds after NATS is back, however long it was away.
	failedSoon, failedSeldom = 5 * time.Millisecond, 5 * time.Second
)

func (o *operator) watchDeployments(m manager.Manager) error {
	err := builder.ControllerManagedBy(m).For(&fleet.Deployment{}, builder.WithPredicates(edited())).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: workers,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[ctrl.Request](failedSoon, failedSeldom),
		}).
		Complete(&deployments{operator: o, known: map[types.NamespacedName]known{}})
	if err != nil {
		return fmt.Errorf("watch Deployments: %w", err)
	}
	return nil
}

// edited lets through what a person has changed. What the operator itself writes into the status is no news to it. A generation
// alone says too little: after a restore of etcd the same one is given again, to another edit.
func edited() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, isBefore := e.ObjectOld.(*fleet.Deployment)
		now, isNow := e.ObjectNew.(*fleet.Deployment)
		return !isBefore || !isNow || before.UID != now.UID || before.Generation != now.Generation ||
			before.DeletionTimestamp.IsZero() != now.DeletionTimestamp.IsZero() || !slices.Equal(before.Finalizers, now.Finalizers) ||
			!reflect.DeepEqual(before.Spec, now.Spec)
	}}
}

// Reconcile looks at one Deployment.
func (d *deployments) Reconcile(ctx context.Context, of ctrl.Request) (ctrl.Result, error) {
	next, err := d.reconcile(ctx, of)
	if err == nil {
		d.looked.add(of.NamespacedName)
	}
	if apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: lookSoon}, nil // what is watched was behind
	}
	return next, err
}

func (d *deployments) reconcile(ctx context.Context, of ctrl.Request) (ctrl.Result, error) {
	var p fleet.Deployment
	err := d.client.Get(ctx, of.NamespacedName, &p)
	if apierrors.IsNotFound(err) {
		d.forget(of.NamespacedName)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("read Deployment %s: %w", of, err)
	}
	if before := d.of(of.NamespacedName); before.uid != "" && before.uid != p.UID {
		d.forget(of.NamespacedName) // one was deleted and another made under its name
	}
	if p.DeletionTimestamp != nil && !controllerutil.ContainsFinalizer(&p, fleet.Finalizer) {
		return ctrl.Result{}, nil
	}
	if p.DeletionTimestamp == nil && !controllerutil.ContainsFinalizer(&p, fleet.Finalizer) {
		before := p.DeepCopy()
		controllerutil.AddFinalizer(&p, fleet.Finalizer)
		if err := d.client.Patch(ctx, &p, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
			return ctrl.Result{}, fmt.Errorf("hold Deployment %s: %w", of, err)
		}
	}
	if err := d.tell(ctx, &p); err != nil {
		return ctrl.Result{}, err
	}
	if p.DeletionTimestamp != nil {
		return d.remove(ctx, &p)
	}
	return ctrl.Result{}, nil
}

// tell makes a Deployment known: its release first, then its content, and only then the plane, from which on devices are
// pointed at it.
func (d *deployments) tell(ctx context.Context, p *fleet.Deployment) error {
	name := client.ObjectKeyFromObject(p)
	before := d.of(name)
	var how *plane.Rollout
	selector, err := metav1.LabelSelectorAsSelector(&p.Spec.TargetSelector)
	switch {
	case p.DeletionTimestamp != nil && err != nil:
		selector = labels.Nothing() // it goes, however odd it is
	case p.DeletionTimestamp != nil:
	case err != nil:
		return d.refuse(ctx, p, "InvalidSelector", err.Error())
	default:
		if how, err = wish(p.Spec.Rollout); err != nil {
			return d.refuse(ctx, p, "InvalidRollout", err.Error())
		}
		digest, body, err := content(p.Spec.Score)
		if err != nil {
			return d.refuse(ctx, p, "InvalidScore", err.Error())
		}
		if before, err = d.begin(ctx, p, before, how); err != nil {
			return err
		}
		if before.release, err = d.publish(ctx, p, before.release, how, digest, body); err != nil {
			return err
		}
		if err := d.unroll(ctx, p, how); err != nil {
			return err
		}
	}
	release := before.release
	if release.Digest == "" {
		release = p.Status.Release
	}
	d.remember(name, known{p.UID, release, before.goes})
	d.state.SetDeployment(plane.Deployment{
		Namespace: p.Namespace, Name: p.Name, UID: string(p.UID), Generation: p.Generation,
		EntryGeneration: release.Generation, Digest: release.Digest, Selector: selector, Rollout: how, Deleting: p.DeletionTimestamp != nil,
	})
	d.contents.keep(string(p.UID), d.state.Digests(string(p.UID)))
	return nil
}

// unroll takes the position of a rollout out of the status before devices are told something without one. A status that has a
// position says of each release that devices were told that they were (see said), and from then on nobody keeps one.
func (d *deployments) unroll(ctx context.Context, p *fleet.Deployment, how *plane.Rollout) error {
	if how != nil || p.Status.Rollout == nil {
		return nil
	}
	before := p.DeepCopy()
	p.Status.Rollout = nil
	if err := d.client.Status().Patch(ctx, p, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("take the position of a rollout out of the status of Deployment %s: %w", p.Name, err)
	}
	return nil
}

// publish records a release that is new, and puts its content where devices fetch it.
func (d *deployments) publish(
	ctx context.Context, p *fleet.Deployment, before fleet.ReleaseRef, how *plane.Rollout, digest string, body []byte,
) (fleet.ReleaseRef, error) {
	release := before
	if before.Digest != digest {
		used := d.state.Digests(string(p.UID))
		if how != nil {
			used = append(used, how.Start.Digests()...)
		}
		release = fleet.ReleaseRef{Digest: digest, Generation: p.Generation}
		if err := d.record(ctx, p, release, used); err != nil {
			return before, err
		}
	}
	if err := d.bus.PutBody(ctx, digest, body); err != nil {
		return before, err
	}
	d.contents.set(string(p.UID), digest, body)
	return release, nil
}

// refuse says why a Deployment cannot be told to anyone. What devices have of it stays.
func (d *deployments) refuse(ctx context.Context, p *fleet.Deployment, reason, message string) error {
	before := p.DeepCopy()
	var err error
	if told, known := d.state.Deployment(string(p.UID)); known {
		p.Status.Release = fleet.ReleaseRef{Digest: told.Digest, Generation: told.EntryGeneration}
	} else if p.Status.Release, err = d.said(ctx, p); err != nil {
		return err
	}
	p.Status.ObservedGeneration = p.Generation
	for _, of := range []string{fleet.ConditionReady, fleet.ConditionProgressing, fleet.ConditionDegraded} {
		set(&p.Status.Conditions, p.Generation, of, of == fleet.ConditionDegraded, reason, message)
	}
	err = d.client.Status().Patch(ctx, p, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("say why Deployment %s is refused: %w", p.Name, err)
	}
	d.recorder.Eventf(p, nil, warning, reason, "Refuse", "%s", message)
	return nil
}

func (d *deployments) of(name types.NamespacedName) known {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.known[name]
}

func (d *deployments) remember(name types.NamespacedName, k known) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known[name] = k
}

// waited is for how long this process has waited for a Deployment to go. By the clocks of this machine and of the API server it might
// be any time.
func (d *deployments) waited(name types.NamespacedName) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := d.known[name]
	if k.goes.IsZero() {
		k.goes = time.Now()
		d.known[name] = k
	}
	return time.Since(k.goes)
}

func (d *deployments) forget(name types.NamespacedName) {
	d.mu.Lock()
	k := d.known[name]
	delete(d.known, name)
	d.mu.Unlock()
	if k.uid != "" {
		d.state.DropDeployment(string(k.uid))
		d.contents.drop(string(k.uid))
	}
}
