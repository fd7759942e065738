// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

// edits counts what devices are told that an edit does not concern: of a second Deployment, for one part of them, which is given a
// release while it is paused, goes on, and is then for another part as well.
func (m *measured) edits(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, appear)
	defer cancel()
	few, digest, err := m.second("few", of("0"))
	if err != nil {
		return err
	}
	few.Spec.Rollout = &fleet.Rollout{}
	if err := m.client.Create(ctx, few); err != nil {
		return fmt.Errorf("make Deployment %s: %w", few.Name, err)
	}
	each := (m.n() + parts - 1) / parts
	if err := m.runsOn(ctx, few, digest, each); err != nil {
		return err
	}
	if err := wait.Sleep(ctx, quiet); err != nil {
		return err
	}
	before := m.orders()
	for _, edit := range []struct {
		change func() error
		runs   int // on so many devices then
	}{
		{func() error { few.Spec.Rollout.Paused = true; digest, err = m.next(few); return err }, 0},
		{func() error { few.Spec.Rollout.Paused = false; return nil }, each},
		{func() error { few.Spec.TargetSelector = of("0", "1"); return nil }, each + (m.n()+parts-2)/parts},
	} {
		if err := m.edit(ctx, few, edit.change); err != nil {
			return err
		}
		if err := m.isOn(ctx, few, digest, edit.runs); err != nil {
			return err
		}
	}
	touched := 0
	for i, order := range m.orders() {
		if i%parts > 1 && order != before[i] {
			touched++
		}
	}
	fmt.Printf("FIGURE name=manifests_of_unaffected%s value=%d unit=manifests edits=pause,resume,selector\n", m.suffix, touched)
	return m.drop(ctx)
}

// isOn waits until a release runs on so many devices, and for what is told beside that.
func (m *measured) isOn(ctx context.Context, d *fleet.Deployment, digest contract.Digest, devices int) error {
	err := m.runsOn(ctx, d, digest, devices)
	if err == nil {
		err = wait.Sleep(ctx, quiet)
	}
	if err != nil {
		return err
	}
	uid, err := contract.ParseWorkloadUID(string(d.UID))
	if runs := m.fleet.Books.Running(uid, digest); err == nil && runs != devices {
		err = &unlike{runs, devices}
	}
	return err
}

// edit changes a Deployment.
func (m *measured) edit(ctx context.Context, d *fleet.Deployment, change func() error) error {
	before := d.DeepCopy()
	if err := change(); err != nil {
		return err
	}
	if err := m.client.Patch(ctx, d, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("edit Deployment %s: %w", d.Name, err)
	}
	return nil
}

// of selects some parts of the devices.
func of(wanted ...string) metav1.LabelSelector {
	return metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: part, Operator: metav1.LabelSelectorOpIn, Values: wanted}}}
}

// An unlike says that devices do something else than they were told.
type unlike struct{ are, want int }

func (e *unlike) Error() string {
	return fmt.Sprintf("a release runs on %d devices, and was for %d", e.are, e.want)
}

// orders are of the manifests that the devices hold.
func (m *measured) orders() (all []contract.Order) {
	for _, d := range m.fleet.Devices() {
		all = append(all, d.Held().Order)
	}
	return all
}
