// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/operator/rollout"
)

// statuses writes the status of Deployments: of those that are due, when it differs from what stands.
type statuses struct {
	*operator
	due  map[string]owed  // by UID
	rest map[string]pause // by UID, of those that were looked at lately
}

// An owed status is that of a Deployment of which something has changed since then.
type owed struct {
	types.NamespacedName
	since time.Time
}

// A pause is until when a status is not written: while devices are on their way, and when none is.
type pause struct{ moving, settled time.Time }

const (
	// statusEvery is how often the status of one Deployment is written at most.
	statusEvery = time.Second
	// movingEvery is how often, while devices are on their way: so that its end, which people wait for, is written at once
	// in most cases, and not when the second is over that a number of its middle has taken.
	movingEvery = 2 * statusEvery
	// soon is how long the first write waits for devices that are on their way: what a small fleet does in it is one write.
	soon = 250 * time.Millisecond
	// catchUp is after how long a write is tried again that was refused because what is watched was behind.
	catchUp = 200 * time.Millisecond
)

func newStatuses(o *operator) *statuses {
	return &statuses{o, map[string]owed{}, map[string]pause{}}
}

// owe lets the status of a Deployment be written that has changed.
func (s *statuses) owe(c plane.Change, now time.Time) {
	if _, is := s.due[c.UID]; !is {
		s.due[c.UID] = owed{types.NamespacedName{Namespace: c.Namespace, Name: c.Name}, now}
	}
}

// wrote lets the status of a Deployment rest.
func (s *statuses) wrote(uid string, now time.Time) {
	s.rest[uid] = pause{moving: now.Add(movingEvery), settled: now.Add(statusEvery)}
}

// rests tells whether a status that is due is not written yet.
func (s *statuses) rests(uid string, o owed, now time.Time) bool {
	if c, _ := s.state.Count(uid); c.Counts.Pending > 0 {
		return now.Before(s.rest[uid].moving) || now.Before(o.since.Add(soon))
	}
	return now.Before(s.rest[uid].settled)
}

// write writes what is due. What has not changed for a while is written at once, or soon.
func (s *statuses) write(ctx context.Context, now time.Time) {
	maps.DeleteFunc(s.rest, func(_ string, p pause) bool { return !now.Before(p.moving) })
	for uid, o := range s.due {
		if s.rests(uid, o, now) {
			continue
		}
		s.wrote(uid, now)
		err := s.writeOne(ctx, uid, o.NamespacedName)
		if outdated(err) {
			s.rest[uid] = pause{now.Add(catchUp), now.Add(catchUp)}
			continue
		}
		if err != nil && !apierrors.IsNotFound(err) {
			s.log.Warn("a status was not written, trying again", "deployment", o.String(), "reason", err.Error())
			if s.revisions.doubted.Load() {
				return // nor would the others be
			}
			continue
		}
		delete(s.due, uid)
	}
}

func (s *statuses) writeOne(ctx context.Context, uid string, name types.NamespacedName) error {
	var p fleet.Deployment
	if err := s.client.Get(ctx, name, &p); err != nil {
		return err
	}
	c, known := s.state.Count(uid)
	told, _ := s.state.Deployment(uid)
	if !known || string(p.UID) != uid {
		return nil
	}
	if err := s.overtaken(ctx, p.Status.Rollout); err != nil {
		return err
	}
	before := p.DeepCopy()
	s.fill(&p, c, told)
	if reflect.DeepEqual(before.Status, p.Status) {
		return nil
	}
	// It may be another Deployment of that name by now, or have been written by another leader, which has gone further.
	if err := s.client.Status().Patch(ctx, &p, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return err
	}
	s.metrics.patches.Inc()
	if was, is := ready(before.Status.Conditions), ready(p.Status.Conditions); is && !was {
		s.recorder.Eventf(&p, nil, normal, "Ready", "Report", "%s", meta.FindStatusCondition(p.Status.Conditions, fleet.ConditionReady).Message)
	}
	return nil
}

// outdated tells whether a write was refused because what is watched is behind: by a moment, or because another operator leads by
// now, which follow finds out. It is no news to anybody.
func outdated(err error) bool {
	var lost *lostTerm
	return apierrors.IsConflict(err) || errors.As(err, &lost)
}

// overtaken gives a *lostTerm when a rollout was taken further in a later term than that of this leader.
func (o *operator) overtaken(ctx context.Context, st *fleet.RolloutStatus) error {
	mine := o.state.Order().Term
	if st == nil || st.Position.Term <= mine {
		return nil
	}
	f, err := o.fleet(ctx) // a status that was put back with its object may be of a term that this fleet never had
	if err != nil {
		return err
	}
	if f.Status.Term != mine {
		return &lostTerm{f.Status.Term, mine}
	}
	return nil
}

// same compares what two say of a rollout, whoever has kept it.
func same(a, b fleet.RolloutStatus) bool {
	a.Position.Term, b.Position.Term = 0, 0
	return reflect.DeepEqual(a, b)
}

func ready(conditions []metav1.Condition) bool {
	return meta.IsStatusConditionTrue(conditions, fleet.ConditionReady)
}

// fill says in a status what the plane counted, of the generation that it was told.
func (s *statuses) fill(p *fleet.Deployment, c plane.Change, told plane.Deployment) {
	n := c.Counts
	st := &p.Status
	st.Release = fleet.ReleaseRef{Digest: told.Digest, Generation: told.EntryGeneration}
	st.Devices = fleet.DeviceCounts{
		Matched: int32(n.Matched), Updated: int32(n.Updated), Ready: int32(n.Ready),
		Failed: int32(n.Failed), Pending: int32(n.Pending), Offline: int32(n.Offline),
	}
	st.LastError = nil
	if c.Failure.Device != "" {
		st.LastError = &fleet.DeviceError{Code: c.Failure.Code, Device: c.Failure.Device, Message: c.Failure.Message}
	}
	reach, rolling := s.state.Reach(c.UID)
	switch {
	case rolling && p.Spec.Rollout != nil: // or else it is taken away just now, and its position out of the status
		was := st.Rollout
		st.Rollout = rolloutStatus(reach.Progress, reach.Standing, s.state.Order().Term)
		if was != nil && st.Rollout.Position.Term != was.Position.Term && same(*st.Rollout, *was) {
			st.Rollout = was // that another has kept it is no reason to write
		}
	case told.Rollout == nil:
		st.Rollout = nil // else it is what the leader before has kept, until this one has looked
	}
	if told.Generation < p.Generation {
		return // it was refused, which its conditions say, or it is about to be told
	}
	st.ObservedGeneration = told.Generation
	isReady, readyWhy, readyText := readiness(n)
	progressing, progressWhy, progressText := progress(n)
	if told.Deleting {
		online, offline := s.state.Holding(c.UID)
		isReady, readyWhy, readyText = false, "Removing", "it is being deleted"
		progressing, progressWhy, progressText = true, "Removing", removing(online, offline)
	}
	degraded, degradedWhy, degradedText := n.Failed > 0, "AsExpected", "no device says that it failed"
	if degraded {
		degradedWhy = "DevicesFailed"
		degradedText = fmt.Sprintf("%d of %d devices failed; the last: %s: %s", n.Failed, n.Matched, c.Failure.Device, c.Failure.Code)
	}
	if rolling && reach.Reason != rollout.Complete {
		progressWhy, progressText = string(reach.Reason), reach.Why(reach.Position.Batch)
		progressing = reach.Reason == rollout.WaitsForBatch || reach.Reason == rollout.WaitsForRoom
		if reach.Position.Stopped {
			degraded, degradedWhy, degradedText = true, progressWhy, progressText
		}
	}
	set(&st.Conditions, told.Generation, fleet.ConditionReady, isReady, readyWhy, readyText)
	set(&st.Conditions, told.Generation, fleet.ConditionProgressing, progressing, progressWhy, progressText)
	set(&st.Conditions, told.Generation, fleet.ConditionDegraded, degraded, degradedWhy, degradedText)
}

func readiness(n plane.Counts) (is bool, why, text string) {
	text = fmt.Sprintf("%d of %d devices are ready", n.Ready, n.Matched)
	if n.Offline > 0 {
		text += fmt.Sprintf(", %d offline", n.Offline)
	}
	switch {
	case n.Matched == 0:
		return false, "NothingMatched", "no device is matched"
	case n.Failed > 0:
		return false, "DevicesFailed", fmt.Sprintf("%s, %d failed", text, n.Failed)
	case n.Pending > 0:
		return false, "DevicesPending", fmt.Sprintf("%s, %d pending", text, n.Pending)
	case n.Ready == 0:
		return false, "DevicesOffline", text
	case n.Offline > 0:
		return true, "OnlineDevicesReady", text
	}
	return true, "DevicesReady", text
}

func progress(n plane.Counts) (is bool, why, text string) {
	if n.Pending > 0 {
		return true, "DevicesPending", fmt.Sprintf("%d devices are on their way", n.Pending)
	}
	return false, "Settled", "no device is on its way"
}

func removing(online, offline []string) string {
	text := fmt.Sprintf("%d devices have yet to remove it", len(online)+len(offline))
	if len(online) > 0 {
		text += "; online: " + some(online)
	}
	if len(offline) > 0 {
		text += "; offline: " + some(offline)
	}
	return text
}

// set sets a condition.
func set(conditions *[]metav1.Condition, generation int64, of string, is bool, why, text string) {
	status := metav1.ConditionFalse
	if is {
		status = metav1.ConditionTrue
	}
	meta.SetStatusCondition(conditions, metav1.Condition{Type: of, Status: status, ObservedGeneration: generation, Reason: why, Message: text})
}
