// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/operator/rollout"
)

// wish is a rollout as a person asks for it; nil when nobody does.
func wish(r *fleet.Rollout) (*plane.Rollout, error) {
	if r == nil {
		return nil, nil
	}
	batch, err := size(r.BatchSize)
	if err != nil {
		return nil, fmt.Errorf("read batchSize: %w", err)
	}
	most, err := size(r.MaxUnavailable)
	if err != nil {
		return nil, fmt.Errorf("read maxUnavailable: %w", err)
	}
	w := &plane.Rollout{Resume: r.Resume, Spec: rollout.Spec{
		Batch: batch, MaxUnavailable: most, HealthWindow: lasting(r.HealthWindow), Deadline: lasting(r.DeviceDeadline),
		Revert: r.Revert, Paused: r.Paused,
	}}
	if r.PauseAtFailureShare != nil {
		w.Spec.PauseAt = int(*r.PauseAtFailureShare)
	}
	for i := range r.Order {
		s, err := metav1.LabelSelectorAsSelector(&r.Order[i])
		if err != nil {
			return nil, fmt.Errorf("read the order: %w", err)
		}
		w.Order = append(w.Order, s)
	}
	return w, nil
}

func size(of *intstr.IntOrString) (s rollout.Size, err error) {
	switch {
	case of == nil:
	case of.Type == intstr.Int:
		s.Count = of.IntValue()
	default:
		s.Percent, err = strconv.Atoi(strings.TrimSuffix(of.StrVal, "%"))
	}
	return s, err
}

func lasting(d *metav1.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return d.Duration
}

// rolloutStatus is what a status says of a rollout. progressOf gives back the progress.
func rolloutStatus(p plane.Progress, s rollout.Standing, term int64) *fleet.RolloutStatus {
	at := p.Position
	st := &fleet.RolloutStatus{
		Reason: string(s.Reason), Batch: int32(at.Batch),
		Told: int32(s.Told), Healthy: int32(s.Healthy), Failed: int32(s.Failed), Offline: int32(s.Offline),
		Position: fleet.RolloutPosition{
			Opened: string(at.Opened), Finished: at.Finished, Before: reference(at.Before), Forgiven: string(at.Forgiven),
			Stopped: at.Stopped, Reverted: reference(at.Reverted), Resumed: p.Resumed, Term: term,
		},
	}
	for _, l := range at.Layers {
		st.Position.Layers = append(st.Position.Layers, fleet.RolloutLayer{ReleaseRef: *reference(l.Release), Told: string(l.Told)})
	}
	for _, s := range p.Order {
		st.Position.Order = append(st.Position.Order, s.String())
	}
	return st
}

func progressOf(st *fleet.RolloutStatus) (p plane.Progress, err error) {
	at := st.Position
	p = plane.Progress{Resumed: at.Resumed, Position: rollout.Position{
		Opened: rollout.Key(at.Opened), Batch: int(st.Batch), Finished: at.Finished, Before: called(at.Before),
		Forgiven: rollout.Key(at.Forgiven), Stopped: at.Stopped, Reverted: called(at.Reverted),
	}}
	for i := range at.Layers {
		l := &at.Layers[i]
		p.Position.Layers = append(p.Position.Layers, rollout.Layer{Release: called(&l.ReleaseRef), Told: rollout.Key(l.Told)})
	}
	for _, text := range at.Order {
		s, err := labels.Parse(text)
		if err != nil {
			return p, fmt.Errorf("read the order of a rollout: %w", err)
		}
		p.Order = append(p.Order, s)
	}
	return p, nil
}

// reference is a release as an object has it, and called as a position does.
func reference(name string) *fleet.ReleaseRef {
	if name == "" {
		return nil
	}
	return new(fleet.ReleaseRef(plane.ReleaseOf(name)))
}

func called(r *fleet.ReleaseRef) string {
	if r == nil {
		return ""
	}
	return plane.Release(*r).String()
}

// advance lets rollouts go on. Where each goes is kept in its status before a device is told: whoever leads next goes on from
// there.
func (r *reign) advance(ctx context.Context, now time.Time) {
	for _, step := range r.state.Steps(now) {
		err := r.status.place(ctx, step, now)
		if apierrors.IsNotFound(err) {
			continue // it is gone, and its own event tells so
		}
		if outdated(err) {
			r.state.Again(step.UID)
			continue
		}
		if err != nil {
			r.log.Warn("a rollout does not go on, as its position cannot be kept; trying again", "namespace", step.Namespace, "deployment", step.Name, "reason", err.Error())
			r.state.Again(step.UID)
			continue
		}
		if r.state.Take(step, now) && step.Moves {
			r.contents.keep(step.UID, r.state.Digests(step.UID))
		}
	}
}

// errUnrolled says that a Deployment has no rollout any more.
var errUnrolled = errors.New("it has no rollout any more")

// place keeps where a rollout goes, if it goes anywhere. The rest of the status is written when its second is over.
func (s *statuses) place(ctx context.Context, step plane.Step, now time.Time) error {
	if !step.Moves {
		return nil
	}
	var p fleet.Deployment
	if err := s.client.Get(ctx, client.ObjectKey{Namespace: step.Namespace, Name: step.Name}, &p); err != nil {
		return err
	}
	if string(p.UID) != step.UID {
		return apierrors.NewNotFound(fleet.GroupVersion.WithResource("deployments").GroupResource(), step.Name)
	}
	if p.Spec.Rollout == nil { // it was taken away meanwhile, and its position out of the status
		return apierrors.NewConflict(fleet.GroupVersion.WithResource("deployments").GroupResource(), step.Name, errUnrolled)
	}
	if err := s.overtaken(ctx, p.Status.Rollout); err != nil {
		return err
	}
	before := p.DeepCopy()
	p.Status.Release = fleet.ReleaseRef(step.Wanted)
	p.Status.Rollout = rolloutStatus(step.To, step.Standing, s.state.Order().Term)
	if err := s.client.Status().Patch(ctx, &p, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return err
	}
	s.metrics.patches.Inc()
	s.wrote(step.UID, now)
	if was := before.Status.Rollout; step.To.Position.Stopped && (was == nil || !was.Position.Stopped) {
		s.recorder.Eventf(&p, nil, warning, string(step.Standing.Reason), "Rollout", "%s", step.Standing.Why(step.To.Position.Batch))
	}
	return nil
}
