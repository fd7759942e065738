// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"slices"

	"nationtech.io/harmony"
	"nationtech.io/harmony/event"
)

// Planning is the cluster as a plan sees it: it sends nothing but reads and dry runs, and notes in the draft what
// would be done.
func (c *Client) Planning(d *harmony.Draft) Cluster { return &planning{c, d} }

// planning is the twin of a Client. What it only reads is the Client's own doing.
type planning struct {
	*Client
	draft *harmony.Draft
}

var _ Cluster = (*planning)(nil)

// Apply notes what Client.Apply would do, which decides it by the same check.
func (p *planning) Apply(ctx context.Context, inventory Inventory, objects ...Object) (harmony.Outcome, error) {
	items, err := p.desired(ctx, inventory, objects)
	if err != nil {
		return harmony.Outcome{}, err
	}
	p.hold(inventory)
	defer event.Begin(ctx, StepSurvey)(nil)
	s, refusal := p.check(ctx, inventory, items)
	if s == nil {
		return harmony.Outcome{}, refusal
	}
	hide := p.masker(items)
	var all []harmony.Planned
	if s.namespace == nil {
		all = append(all, p.makes(inventory.Namespace)...)
	}
	for i := range s.findings {
		f := &s.findings[i]
		if f.refused && f.action == "" {
			continue // the error tells of it
		}
		all = append(all, f.planned(hide))
	}
	rest, kept, err := p.stand(ctx, inventory, s.surplus())
	if err != nil {
		return harmony.Outcome{}, err
	}
	all = append(all, doom(rest, unwanted)...)
	for _, d := range kept {
		all = append(all, harmony.Planned{Intent: harmony.Keep, Object: d.String(), Namespace: d.Namespace, Detail: unwanted + "; it is data and stays until a purge"})
	}
	p.draft.Note(all...)
	return outcome(all), refusal
}

// StepSurvey is the name of the step in which a plan compares what stands with what is wanted.
const StepSurvey = "survey"

// unwanted is why prune deletes.
const unwanted = "no longer wanted"

// makes notes a namespace that several components of the plan would find missing, once.
func (p *planning) makes(namespace string) []harmony.Planned {
	ref := coreReference("Namespace", "", namespace)
	if !p.draft.First(ref) {
		return nil
	}
	return []harmony.Planned{{Intent: harmony.Create, Object: ref.String()}}
}

func doom(all []doomed, why string) (planned []harmony.Planned) {
	for _, d := range slices.Backward(all) {
		planned = append(planned, harmony.Planned{Intent: harmony.Delete, Object: d.String(), Namespace: d.Namespace, Detail: why, Loses: loses(d.Kind)})
	}
	return planned
}

// outcome is what a deploy that did this would have returned.
func outcome(all []harmony.Planned) (o harmony.Outcome) {
	for _, p := range all {
		if action := p.Intent.Done(); action != "" {
			o.Changes = append(o.Changes, harmony.Change{Action: action, Object: p.Object, Detail: p.Detail})
		}
	}
	return o
}
