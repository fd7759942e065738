// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony/diag"
)

// record reads what the inventory says; an empty record when there is none.
func (c *Client) record(ctx context.Context, inventory Inventory) (*record, error) {
	var cm corev1.ConfigMap
	found, err := c.read(ctx, configMaps, inventory.reference(), &cm)
	if err != nil {
		return nil, err
	}
	if !found {
		return &record{Format: inventoryFormat}, nil
	}
	return decodeRecord(&cm)
}

func (i Inventory) reference() reference {
	return coreReference("ConfigMap", i.Namespace, i.configMap())
}

// save writes the record if it says something else than the one that was read before. When
// another run has written in between, nothing is written and the error's code is ChangedMeanwhile.
func (c *Client) save(ctx context.Context, inventory Inventory, was, now *record) error {
	now.Version = c.version
	if was.at != "" && was.same(now) {
		now.at = was.at
		return nil
	}
	if now.Since.IsZero() {
		now.Since = time.Now().UTC().Truncate(time.Second)
	}
	now.at = was.at
	verb, send := "update", c.update
	if was.at == "" {
		verb, send = "create", c.create
	}
	cm := now.encode(inventory)
	stored, err := send(ctx, configMaps, cm, cm.GroupVersionKind())
	if apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) {
		return diag.New(diag.ChangedMeanwhile, "ConfigMap/"+cm.Name).
			Saw("another run wrote the inventory of " + inventory.String() + " since this one read it").
			Try("let the other run end, then run this again").Because(err)
	}
	if err != nil {
		return failed(ctx, err, attempt{verb, inventory.reference()})
	}
	now.at = stored.GetResourceVersion()
	return nil
}

// forget deletes the inventory, if nobody has written it since the record was read.
func (c *Client) forget(ctx context.Context, inventory Inventory, was *record) error {
	err := c.in(configMaps, inventory.Namespace).Delete(ctx, inventory.configMap(),
		metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: &was.at}})
	if err == nil || apierrors.IsNotFound(err) {
		return nil
	}
	return failed(ctx, err, attempt{"delete", inventory.reference()})
}
