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

// crowded measures rollouts again while each device has more Deployments, which do not change. Beside them stands the floor of
// messages that are as large.
func (m *measured) crowded(ctx context.Context, floor series) error {
	if m.workloads == 1 {
		return nil
	}
	for i := range m.workloads - 1 {
		if err := m.another(ctx, fmt.Sprintf("more-%d", i+1)); err != nil {
			return err
		}
	}
	if err := wait.Sleep(ctx, settle); err != nil {
		return err
	}
	one := m.suffix
	defer func() { m.suffix = one }()
	m.suffix = fmt.Sprintf("%s_%d_workloads", one, m.workloads)
	if err := m.rollouts(ctx, floor); err != nil {
		return err
	}
	return m.drop(ctx)
}

// another makes a Deployment for all devices, and waits until it runs on them: made at once, they would all be written again for each
// other.
func (m *measured) another(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, appear)
	defer cancel()
	d, digest, err := m.second(name, metav1.LabelSelector{MatchLabels: map[string]string{label: "fleet"}})
	if err != nil {
		return err
	}
	if err := m.client.Create(ctx, d); err != nil {
		return fmt.Errorf("make Deployment %s: %w", d.Name, err)
	}
	return m.runsOn(ctx, d, digest, m.n())
}

// second gives a Deployment beside the measured one, which is yet to be made.
func (m *measured) second(name string, selector metav1.LabelSelector) (*fleet.Deployment, contract.Digest, error) {
	d := &fleet.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{label: "more"}},
		Spec:       fleet.DeploymentSpec{TargetSelector: selector},
	}
	digest, err := m.next(d)
	return d, digest, err
}

// runsOn waits until a release runs on so many devices.
func (m *measured) runsOn(ctx context.Context, d *fleet.Deployment, digest contract.Digest, devices int) error {
	uid, err := contract.ParseWorkloadUID(string(d.UID))
	if err == nil {
		_, err = m.fleet.Books.Await(ctx, uid, digest, devices)
	}
	return err
}

// drop deletes all Deployments but the measured one, and waits until the devices have removed them.
func (m *measured) drop(ctx context.Context) error {
	if err := m.client.DeleteAllOf(ctx, &fleet.Deployment{}, client.InNamespace(namespace), client.MatchingLabels{label: "more"}); err != nil {
		return fmt.Errorf("delete Deployments: %w", err)
	}
	return wait.Until(ctx, "Deployments to be gone", wait.Pace{Limit: appear}, func(ctx context.Context) (string, bool, error) {
		var left fleet.DeploymentList
		if err := m.client.List(ctx, &left, client.InNamespace(namespace), client.MatchingLabels{label: "more"}); err != nil {
			return "", false, fmt.Errorf("list Deployments: %w", err)
		}
		return fmt.Sprintf("%d are there", len(left.Items)), len(left.Items) == 0, nil
	})
}
