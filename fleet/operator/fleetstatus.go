// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/plane"
)

// sayState says in the FleetState how the fleet stands, when that has changed. A write that fails is tried again a second later.
func (r *reign) sayState(ctx context.Context, now time.Time, n plane.Summary, connected bool, why string) error {
	var f fleet.FleetState
	if err := r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: fleet.FleetStateName}, &f); err != nil {
		return nil //nolint:nilerr // follow has told of it
	}
	before := f.DeepCopy()
	converged, convergedWhy, convergedText := r.converged.Load(), "Converged", "every device that is online was heard, and told what it shall run"
	if !converged {
		convergedWhy, convergedText = "Recovering", fmt.Sprintf("%d of %d devices were online before, and are still to be heard of", n.Awaited, n.Devices)
	}
	is, readyWhy, readyText := converged, convergedWhy, convergedText
	switch {
	case !connected:
		is, readyWhy, readyText = false, "NotConnected", why
	case !r.ready.Load():
		is, readyWhy, readyText = false, "BucketsUnfit", "the buckets of NATS are not as they must be; the log of the operator says why"
	}
	behind, behindWhy, behindText := len(n.Ahead) > 0, "UpToDate", "no device holds a later state"
	if behind {
		behindWhy = "DevicesAhead"
		behindText = "devices hold a later state than this control plane knows: " + strings.Join(n.Ahead, ", ") + "; raise spec.epoch to make them follow"
	}
	foreign, foreignWhy, foreignText := r.foreign(ctx, now, n)
	set(&f.Status.Conditions, f.Generation, fleet.ConditionForeign, foreign, foreignWhy, foreignText)
	set(&f.Status.Conditions, f.Generation, fleet.ConditionReady, is, readyWhy, readyText)
	set(&f.Status.Conditions, f.Generation, fleet.ConditionConverged, converged, convergedWhy, convergedText)
	set(&f.Status.Conditions, f.Generation, fleet.ConditionBehind, behind, behindWhy, behindText)
	if reflect.DeepEqual(before.Status.Conditions, f.Status.Conditions) {
		return nil
	}
	err := r.client.Status().Patch(ctx, &f, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if !outdated(err) {
		r.report("say how the fleet stands", err)
	}
	return nil
}

// foreign tells whether devices speak here that are not this fleet's, or do not obey it.
func (r *reign) foreign(ctx context.Context, now time.Time, n plane.Summary) (is bool, why, text string) {
	outsiders := r.outsiders(ctx, now)
	if len(n.Foreign) > 0 {
		text = "devices obey another control plane: " + strings.Join(n.Foreign, ", ") + "; harmony-fleet describe device says which"
	}
	switch {
	case outsiders == "" && text == "":
		return false, "AllOurs", "every device that speaks is enrolled in this fleet, and obeys it"
	case outsiders == "":
		return true, "DevicesObeyAnother", text
	case text == "":
		return true, "DevicesNotEnrolled", outsiders
	}
	return true, "DevicesNotEnrolled", outsiders + "; " + text
}
