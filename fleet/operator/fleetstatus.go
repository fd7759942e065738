// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
		behindText = "devices hold a later state than this control plane knows: " + strings.Join(n.Ahead, ", ") + "; harmony-fleet describe device says what makes them follow"
	}
	foreign, foreignWhy, foreignText := r.foreign(ctx, now, n)
	set(&f.Status.Conditions, f.Generation, fleet.ConditionForeign, foreign, foreignWhy, foreignText)
	twice, twiceWhy, twiceText := duplicates(n)
	set(&f.Status.Conditions, f.Generation, fleet.ConditionDuplicates, twice, twiceWhy, twiceText)
	idle, idleWhy, idleText := r.idleGrants(f.Spec.Grants)
	set(&f.Status.Conditions, f.Generation, fleet.ConditionIdleGrants, idle, idleWhy, idleText)
	set(&f.Status.Conditions, f.Generation, fleet.ConditionReady, is, readyWhy, readyText)
	set(&f.Status.Conditions, f.Generation, fleet.ConditionConverged, converged, convergedWhy, convergedText)
	set(&f.Status.Conditions, f.Generation, fleet.ConditionBehind, behind, behindWhy, behindText)
	if r.revisions.doubted.Load() || reflect.DeepEqual(before.Status.Conditions, f.Status.Conditions) {
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

// duplicates tells whether two agents speak for one device.
func duplicates(n plane.Summary) (is bool, why, text string) {
	if len(n.Duplicates) == 0 {
		return false, "OneAgentEach", "every device that speaks has one agent"
	}
	return true, "TwoAgents", "two agents speak for one device, which is told nothing while both do: " + strings.Join(n.Duplicates, ", ") +
		"; find the other one, and enrol it under a name of its own"
}

// idleGrants tells whether there are grants that have no effect.
func (r *reign) idleGrants(grants []fleet.Grant) (is bool, why, text string) {
	var unwatched, odd []string
	for _, g := range grants {
		if !slices.Contains(r.Namespaces, g.Namespace) && !slices.Contains(unwatched, g.Namespace) {
			unwatched = append(unwatched, g.Namespace)
		}
		if _, err := metav1.LabelSelectorAsSelector(&g.Devices); err != nil && !slices.Contains(odd, g.Namespace) {
			odd = append(odd, g.Namespace)
		}
	}
	var said []string
	if len(unwatched) > 0 {
		why = "NamespacesNotWatched"
		said = append(said, "the operator does not look at namespaces that are granted devices, until it is deployed with --grant for each: "+some(unwatched))
	}
	if len(odd) > 0 {
		why = "SelectorsNotUnderstood"
		said = append(said, "selectors of grants are not understood, and match nothing: of namespaces "+some(odd))
	}
	if len(said) == 0 {
		return false, "AllInEffect", "the operator looks at every namespace that is granted devices"
	}
	return true, why, strings.Join(said, "; ")
}
