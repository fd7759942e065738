// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

const sendAgainMost = 200 // manifests that are sent again in a second

// look looks at the fleet once a second: who is offline, who lags behind, and how the fleet itself stands.
func (r *reign) look(ctx context.Context, now time.Time) error {
	r.lively.Store(&now)
	connected, why := r.bus.Connected()
	if connected {
		r.state.Sweep(now)
		r.sendAgain(now)
	} else {
		r.state.Excuse(now) // silence says nothing about devices then
	}
	if err := r.follow(ctx); err != nil {
		return err
	}
	if err := r.compare(ctx); err != nil {
		return err
	}
	summary := r.state.Summary()
	if r.converged.Load() {
		r.infos.look(ctx, r.operator, now)
	}
	return r.sayState(ctx, now, summary, connected, why)
}

// converge looks whether a new leader has heard of all devices that it waits for. It waits from when it can tell them something: those
// that NATS kept from it have not been silent.
func (r *reign) converge(_ context.Context, now time.Time) error {
	if r.converged.Load() {
		return nil
	}
	if connected, _ := r.bus.Connected(); !connected || !r.ready.Load() || !r.knows.Load() {
		r.hears = now
		return nil
	}
	if n := r.state.Summary(); n.Unwritten == 0 && (n.Awaited == 0 || now.Sub(r.hears) > hearWithin) {
		r.converged.Store(true)
		r.log.Info("converged", "devices", n.Devices, "online", n.Online, "unheard", n.Unheard)
	}
	return nil
}

// say lets rollouts go on, and says what has changed, in the status of Deployments and of Devices, once the operator knows how
// the fleet stands. Both write the position of a rollout: one after the other.
func (r *reign) say(ctx context.Context, now time.Time) error {
	if connected, _ := r.bus.Connected(); !connected {
		r.deaf = now
	}
	// Before the devices were heard, and while they come back, most would seem offline, and nobody waits for those.
	if r.converged.Load() && !r.revisions.doubted.Load() && now.Sub(r.deaf) > hearWithin && now.Sub(r.stepped) >= lookEvery {
		r.stepped = now
		r.advance(ctx, now)
	}
	for _, c := range r.state.Changed() {
		r.status.owe(c, now)
	}
	if r.converged.Load() && !r.revisions.doubted.Load() {
		r.status.write(ctx, now)
		r.infos.write(ctx, r.operator)
	}
	return nil
}

func (r *reign) sendAgain(now time.Time) {
	for _, w := range r.state.Lagging(now, sendAgainMost) {
		if m, err := r.manifest(w); err == nil {
			r.report("send a manifest again", r.bus.AnswerManifest(m.Device, m.Data))
		}
	}
}

// follow raises the term when a device holds a higher one, or when a person has raised the epoch or adopts another control plane. When another operator has
// raised the term, this one ends; so it does when the API server has forgotten the term, and whoever leads next takes a new one.
func (r *reign) follow(ctx context.Context) error {
	var f fleet.FleetState
	if err := r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: fleet.FleetStateName}, &f); err != nil {
		r.log.Warn("the FleetState cannot be read", "reason", err.Error())
		return nil
	}
	mine := r.state.Order()
	if f.Status.Term < mine.Term { // what is watched may be behind
		now, err := r.fleet(ctx)
		if err != nil {
			r.log.Warn("the FleetState cannot be read", "reason", err.Error())
			return nil
		}
		f = *now
	}
	if f.Status.Term != mine.Term {
		return &lostTerm{f.Status.Term, mine.Term}
	}
	least := int64(0)
	select {
	case least = <-r.stale:
	default:
	}
	adopts := adopted(&f) != r.state.Adopts()
	if least < mine.Term && f.Spec.Epoch <= mine.Epoch && !adopts {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now, err := r.raise(ctx, mine.Term, least)
	if err != nil {
		return err
	}
	r.log.Info("the term was raised", "epoch", now.Spec.Epoch, "term", now.Status.Term, "above", least, "adopts", adopted(now))
	r.state.Lead(now.Spec.Epoch, now.Status.Term, adopted(now))
	return nil
}

// adopted is the control plane whose devices are taken over. One does not adopt from oneself.
func adopted(f *fleet.FleetState) string {
	if f.Spec.Adopt == string(f.UID) {
		return ""
	}
	return f.Spec.Adopt
}

func (r *reign) report(doing string, err error) {
	if err != nil {
		r.log.Warn("cannot "+doing, "reason", err.Error())
	}
}
