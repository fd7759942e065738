// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony"
)

// Remove deletes what the inventory lists and waits until it is gone. A component that is not
// there is removed already.
func (c *Client) Remove(ctx context.Context, inventory Inventory, how harmony.Removal) (harmony.Removed, error) {
	var removed harmony.Removed
	if err := c.hold(ctx, inventory); err != nil {
		return removed, err
	}
	r, err := c.record(ctx, inventory)
	if err != nil {
		return removed, err
	}
	rest, data, err := c.stand(ctx, inventory, r.Objects)
	if err != nil {
		return removed, err
	}
	gone, err := c.deleteAll(ctx, rest, "")
	removed.Gone = names(gone)
	if err != nil {
		return removed, err
	}
	if data, err = c.withData(ctx, inventory, r, data); err != nil {
		return removed, err
	}
	if !how.Purge {
		removed.Kept = names(data)
		if len(data) > 0 {
			return removed, c.keep(ctx, inventory, r, data)
		}
	}
	gone, err = c.purge(ctx, data)
	removed.Gone = append(removed.Gone, names(gone)...)
	if err != nil {
		return removed, err
	}
	if r.at != "" {
		if err := c.forget(ctx, inventory, r); err != nil {
			return removed, err
		}
	}
	return removed, c.leave(ctx, inventory, &removed)
}

func names(all []doomed) (names []string) {
	for _, d := range all {
		names = append(names, d.String())
	}
	return names
}

// withData adds the inventory's data that stands: what the record says, and what carries
// DataLabels, such as the claims that a StatefulSet made.
func (c *Client) withData(ctx context.Context, inventory Inventory, r *record, data []doomed) ([]doomed, error) {
	_, recorded, err := c.stand(ctx, inventory, r.Data)
	if err != nil {
		return nil, err
	}
	labelled, err := c.labelled(ctx, inventory)
	if err != nil {
		return nil, err
	}
	for _, d := range slices.Concat(recorded, labelled) {
		if !slices.ContainsFunc(data, func(other doomed) bool { return other.uid == d.uid }) {
			data = append(data, d)
		}
	}
	slices.SortFunc(data, func(a, b doomed) int { return compareReferences(a.reference, b.reference) })
	return data, nil
}

// labelled finds the claims and Secrets that carry the inventory's DataLabels.
func (c *Client) labelled(ctx context.Context, inventory Inventory) (found []doomed, err error) {
	selector := labels.SelectorFromSet(inventory.DataLabels()).String()
	var claimed, hidden []unstructured.Unstructured
	var all side
	all.do(func() (err error) {
		claimed, err = c.list(ctx, claims, "PersistentVolumeClaims", inventory.Namespace, selector)
		return err
	})
	all.do(func() (err error) {
		hidden, err = c.list(ctx, secrets, "Secrets", inventory.Namespace, selector)
		return err
	})
	if err := all.wait(); err != nil {
		return nil, err
	}
	for _, u := range claimed {
		found = append(found, doomed{coreReference("PersistentVolumeClaim", inventory.Namespace, u.GetName()), claims, u.GetUID()})
	}
	for _, u := range hidden {
		found = append(found, doomed{coreReference("Secret", inventory.Namespace, u.GetName()), secrets, u.GetUID()})
	}
	return found, nil
}

// keep leaves an inventory of nothing but data, so that a later purge finds it.
func (c *Client) keep(ctx context.Context, inventory Inventory, r *record, data []doomed) error {
	next := *r
	next.Objects, next.Data = nil, nil
	for _, d := range data {
		e := entryOf(d.reference)
		e.UID = d.uid
		next.hasData(e)
	}
	return c.save(ctx, inventory, r, &next)
}

// purge deletes data, and waits for the volumes of its claims too, which a provisioner deletes
// a moment later.
func (c *Client) purge(ctx context.Context, data []doomed) ([]doomed, error) {
	bound := c.bound(ctx, data)
	gone, err := c.deleteAll(ctx, data, "")
	if err != nil {
		return gone, err
	}
	var all side
	for _, v := range bound {
		all.do(func() error { return c.gone(ctx, v.resource, v.reference, v.uid) })
	}
	return gone, all.wait()
}

// bound are the volumes that go when their claims go. Whoever may not read volumes does not wait for them.
func (c *Client) bound(ctx context.Context, data []doomed) (found []doomed) {
	for _, d := range data {
		if d.Kind != "PersistentVolumeClaim" {
			continue
		}
		claim, err := c.get(ctx, d.resource, d.reference)
		if err != nil || claim == nil {
			continue
		}
		name, _, _ := unstructured.NestedString(claim.Object, "spec", "volumeName")
		ref := coreReference("PersistentVolume", "", name)
		if name == "" {
			continue
		}
		volume, err := c.get(ctx, volumes, ref)
		if err != nil || volume == nil {
			continue
		}
		if policy, _, _ := unstructured.NestedString(volume.Object, "spec", "persistentVolumeReclaimPolicy"); policy == "Delete" {
			found = append(found, doomed{ref, volumes, volume.GetUID()})
		}
	}
	return found
}
