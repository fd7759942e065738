// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// A Lease is held by the run that changes a component. Whoever holds it renews it, three times while it lasts; when it was not
// renewed for as long as it lasts, whoever waits for it takes it over.
const (
	leaseLasts    = 15 * time.Second
	leaseAnswered = 5 * time.Second // bounds the release
)

// processAnnotation identifies the process of a Lease's holder on its machine.
const processAnnotation = "harmony.nationtech.io/process"

var leases = groupResource("coordination.k8s.io", "leases", true)

type leaseKey struct {
	client    *Client
	inventory Inventory
}

// hold takes the component's lease for the run that is under way, unless its inventory is shared. Who has his turn needs no other.
func (c *Client) hold(ctx context.Context, inventory Inventory) error {
	if still, ok := ctx.Value(aloneKey{}).(func() error); ok {
		return still()
	}
	if inventory.Shared {
		return nil
	}
	return harmony.Hold(ctx, leaseKey{c, inventory}, c.take(inventory))
}

// hold notes that the deploy will hold the component's lease.
func (p *planning) hold(inventory Inventory) {
	if inventory.Shared {
		return
	}
	p.draft.Hold(leaseKey{p.Client, inventory}, p.take(inventory))
}

// take takes the component's lease for a run.
func (c *Client) take(inventory Inventory) harmony.Take {
	return func(ctx context.Context, lost func(error)) (release func(context.Context), err error) {
		return c.lease(inventory, leaseLasts).take(ctx, lost)
	}
}

func (c *Client) lease(inventory Inventory, lasts time.Duration) *lease {
	ref := reference{coordinationv1.SchemeGroupVersion.WithKind("Lease"), inventory.Namespace, inventory.configMap()}
	return &lease{client: c, inventory: inventory, reference: ref, self: thisRun(), lasts: lasts}
}

// take takes the lease, waiting for it where nobody can tell whether its holder lives, and where each has his turn.
func (l *lease) take(ctx context.Context, lost func(error)) (release func(context.Context), err error) {
	err = wait.Until(ctx, l.String()+" to be free", wait.Pace{Every: time.Second}, l.look)
	switch {
	case ctx.Err() != nil:
		return nil, diag.Ended(ctx, l.String()).Because(err)
	case err != nil:
		return nil, err
	case l.forbidden != nil:
		event.Emit(ctx, event.Notice{Text: fmt.Sprintf("these credentials may not write Leases in namespace %s: "+
			"that another run is at work there shows only when both write the same inventory", l.Namespace)})
		return func(context.Context) {}, nil //nolint:nilerr // it goes on without a lease, and has said so
	case l.live == nil:
		return nil, nil // there is no namespace yet
	}
	return l.keep(ctx, lost), nil
}

// A lease is one run's way to the Lease of a component.
type lease struct {
	client    *Client
	inventory Inventory
	reference
	self  holder
	lasts time.Duration
	turns bool // it is waited for as long as its holder lives

	live      *coordinationv1.Lease // ours, as it was written last
	forbidden error

	// what was seen of someone else's
	other holder
	at    metav1.MicroTime
	since time.Time
}

// look takes the lease if it is free, and ends the wait for it if its holder lives.
func (l *lease) look(ctx context.Context) (saw string, done bool, err error) {
	var live coordinationv1.Lease
	found, err := l.client.read(ctx, leases, l.reference, &live)
	switch {
	case forbidden(err):
		l.forbidden = err
		return "", true, nil
	case err != nil:
		return "", false, err
	case !found:
		return l.written(ctx, l.client.create, l.wanted(nil))
	}
	other := holderOf(&live)
	renewed := l.renewed(&live, other)
	gone, here := other.gone()
	switch {
	case gone || l.expired(&live, other):
		return l.written(ctx, l.client.update, l.wanted(&live))
	case l.turns:
		saw = "held by " + other.name + "; this run has its turn after that"
	case here || renewed:
		return "", false, taken(l.reference, &live)
	default:
		saw = "held by " + other.name + "; it is seen whether that run still lives"
	}
	event.Emit(ctx, event.Waiting{For: l.String(), Saw: saw})
	return saw, false, nil
}

// renewed tells that the holder has renewed the lease since it was looked at last.
func (l *lease) renewed(live *coordinationv1.Lease, by holder) bool {
	at := metav1.MicroTime{}
	if live.Spec.RenewTime != nil {
		at = *live.Spec.RenewTime
	}
	known := l.other == by
	if known && at.Time.Equal(l.at.Time) {
		return false
	}
	l.other, l.at, l.since = by, at, time.Now()
	return known
}

// expired tells that the holder has not renewed the lease for as long as it lasts. Only what was seen here counts: clocks of
// other machines may be wrong.
func (l *lease) expired(live *coordinationv1.Lease, by holder) bool {
	lasts := leaseLasts
	if s := live.Spec.LeaseDurationSeconds; s != nil {
		lasts = time.Duration(*s) * time.Second
	}
	return by.name == "" || time.Since(l.since) >= lasts
}

// wanted is the Lease in this run's name: a new one, or what stands in another.
func (l *lease) wanted(before *coordinationv1.Lease) *coordinationv1.Lease {
	now, lasts := metav1.NowMicro(), int32(l.lasts/time.Second)
	o := &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: l.Name, Namespace: l.Namespace, Labels: l.inventory.Labels()},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: &l.self.name, LeaseDurationSeconds: &lasts, AcquireTime: &now, RenewTime: &now},
	}
	o.Annotations = map[string]string{InventoryAnnotation: l.inventory.String(), processAnnotation: l.self.process}
	if before != nil {
		o.ResourceVersion = before.ResourceVersion
	}
	return o
}

// written writes the Lease; not done when someone else was quicker.
func (l *lease) written(ctx context.Context, send sender, o *coordinationv1.Lease) (string, bool, error) {
	stored, err := send(ctx, leases, o, l.GroupVersionKind)
	switch {
	case err == nil:
		l.live = o
		l.noted(stored)
		return "", true, nil
	case apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err):
		return "another run was quicker", false, nil
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return "", false, terminating(l.Namespace).Because(err)
	case apierrors.IsForbidden(err):
		l.forbidden = err
		return "", true, nil
	case apierrors.IsNotFound(err) && o.ResourceVersion != "":
		return "it was released just now", false, nil
	case apierrors.IsNotFound(err):
		return "", true, nil // the namespace is not there
	}
	return "", false, failed(ctx, err, attempt{"write", l.reference})
}

func holderOf(live *coordinationv1.Lease) holder {
	h := holder{process: live.Annotations[processAnnotation]}
	if live.Spec.HolderIdentity != nil {
		h.name = *live.Spec.HolderIdentity
	}
	return h
}

// taken says who is at work.
func taken(ref reference, live *coordinationv1.Lease) *diag.Diagnostic {
	d := diag.New(diag.PlaceBusy, ref.String())
	saw := "held in namespace " + ref.Namespace + " by " + holderOf(live).name
	if t := live.Spec.AcquireTime; t != nil {
		saw += ", since " + t.Local().Format(time.TimeOnly) + ", for " + event.Human(time.Since(t.Time))
	}
	return d.Saw(saw).Note("two runs at a time would undo each other's work: this one has not touched the component").
		Try("wait until the other has ended, and run the same again")
}
