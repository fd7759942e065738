// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// servedWithin is how long the API server may take to serve a kind whose definition is established.
const servedWithin = 10 * time.Second

// meanwhile is how often an Apply begins anew because another run wrote the inventory.
const meanwhile = 3

// Apply makes the objects of the inventory be exactly these and returns when all are ready.
func (c *Client) Apply(ctx context.Context, inventory Inventory, objects ...Object) (harmony.Outcome, error) {
	items, err := c.desired(ctx, inventory, objects)
	if err != nil {
		return harmony.Outcome{}, err
	}
	var outcome harmony.Outcome
	var s *survey
	for range meanwhile {
		var changes []harmony.Change
		s, changes, err = c.reconcile(ctx, inventory, items)
		outcome.Changes = append(outcome.Changes, changes...)
		var d *diag.Diagnostic
		if !errors.As(err, &d) || d.Code != diag.ChangedMeanwhile {
			break
		}
	}
	if err != nil {
		return outcome, err
	}
	return outcome, c.converge(ctx, inventory, s)
}

// reconcile brings the cluster's objects to what the items say: check, record what will be
// made, make it, delete what is no longer wanted, record what was made.
func (c *Client) reconcile(ctx context.Context, inventory Inventory, items []item) (*survey, []harmony.Change, error) {
	if err := c.hold(ctx, inventory); err != nil {
		return nil, nil, err
	}
	s, err := c.check(ctx, inventory, items)
	if err != nil {
		return nil, nil, err
	}
	var changes []harmony.Change
	if s.namespace == nil {
		if changes, err = c.ensureNamespace(ctx, inventory.Namespace); err != nil {
			return nil, changes, err
		}
		if err := c.hold(ctx, inventory); err != nil {
			return nil, changes, err
		}
	}
	claimed := s.record.claim(items)
	claimed.hasData(c.generated(inventory)...)
	if err := c.save(ctx, inventory, s.record, claimed); err != nil {
		return nil, changes, err
	}
	left := s.surplus()
	var data []entry
	made, err := c.makeAll(ctx, inventory, s)
	changes = append(changes, made...)
	if err == nil {
		err = c.renew(ctx, s)
	}
	if err == nil {
		made, left, data, err = c.prune(ctx, inventory, left)
		changes = append(changes, made...)
	}
	return s, changes, errors.Join(err, c.settle(ctx, inventory, claimed, s, left, data))
}

// makeAll applies what the survey calls for, stage by stage, each stage side by side.
func (c *Client) makeAll(ctx context.Context, inventory Inventory, s *survey) ([]harmony.Change, error) {
	var changes []harmony.Change
	stages := stages(pointers(s.findings), func(f *finding) int { return f.stage() })
	for i, stage := range stages {
		var all side
		for _, f := range stage {
			if f.action != "" {
				all.do(func() error { return c.makeOne(ctx, f) })
			}
		}
		err := all.wait()
		for _, f := range stage {
			switch {
			case f.live == nil && f.removed:
				changes = append(changes, changed(ctx, harmony.Deleted, f.reference, "another could not be made in its place"))
			case f.action != "" && f.live != nil:
				changes = append(changes, changed(ctx, f.action, f.reference, f.detail))
			}
		}
		if err == nil && rank(stage[0].GroupVersionKind) == definitions {
			err = c.established(ctx, inventory, stage)
		}
		if err == nil && i+1 < len(stages) && stages[i+1][0].turn != stage[0].turn {
			err = c.await(ctx, inventory, turn(s, stage[0].turn))
		}
		if err != nil {
			return changes, err
		}
	}
	return changes, nil
}

// turn gives the findings of one turn.
func turn(s *survey, turn int) []*finding {
	return slices.DeleteFunc(pointers(s.findings), func(f *finding) bool { return f.turn != turn })
}

func pointers(findings []finding) (all []*finding) {
	for i := range findings {
		all = append(all, &findings[i])
	}
	return all
}

// makeOne applies one object. The finding's live object is what stands afterwards; nil when
// nothing was made.
func (c *Client) makeOne(ctx context.Context, f *finding) error {
	before := f.live
	f.live = nil
	if before != nil && f.action == harmony.Replaced {
		if _, err := c.deleteOne(ctx, doomed{f.reference, f.resource, before.GetUID()}); err != nil {
			return err
		}
		before, f.removed = nil, true
	}
	if before != nil && before.GetDeletionTimestamp() != nil {
		if err := c.gone(ctx, f.resource, f.reference, before.GetUID()); err != nil {
			return err
		}
		before = nil
	}
	after, err := c.applied(ctx, f.item, before)
	if err != nil {
		return failed(ctx, err, attempt{"apply", f.reference})
	}
	f.live = after
	if before != nil && before.GetResourceVersion() == after.GetResourceVersion() {
		f.action = "" // the dry run could not tell, and nothing was to be done
	}
	return nil
}

// applied applies one object. The API server may need a moment before it serves a kind that was
// defined just now.
func (c *Client) applied(ctx context.Context, it item, before *unstructured.Unstructured) (after *unstructured.Unstructured, err error) {
	after, err = c.apply(ctx, it, before)
	if !apierrors.IsNotFound(err) || builtIn(it.GroupVersionKind) {
		return after, err
	}
	gave := wait.Until(ctx, "the API server to serve "+it.Kind, wait.Pace{Limit: servedWithin}, func(ctx context.Context) (string, bool, error) {
		after, err = c.apply(ctx, it, before)
		if apierrors.IsNotFound(err) {
			return err.Error(), false, nil
		}
		return "", true, nil
	})
	if gave != nil {
		return nil, gave
	}
	return after, err
}

// settle records what stands now. left is what is no longer wanted and may still be there, data what
// is no longer wanted and stays.
func (c *Client) settle(ctx context.Context, inventory Inventory, claimed *record, s *survey, left, data []entry) error {
	next := *claimed
	next.hasData(data...)
	next.Objects = nil
	before := claimed.entries()
	for _, f := range s.findings {
		e := before[f.key()]
		if f.live != nil {
			e = entryOf(f.reference)
			e.UID, e.Digest = f.live.GetUID(), f.digest
		}
		next.Objects = append(next.Objects, e)
	}
	next.Objects = append(next.Objects, left...)
	return c.save(ctx, inventory, claimed, &next)
}

// changed tells that an object was changed.
func changed(ctx context.Context, action harmony.Action, object reference, detail string) harmony.Change {
	event.Emit(ctx, event.Changed{Action: string(action), Object: object.String(), Namespace: object.Namespace, Detail: detail})
	return harmony.Change{Action: action, Object: object.String(), Detail: detail}
}
