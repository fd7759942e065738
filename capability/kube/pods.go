// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/secret"
)

// Pods lists the Pods of a namespace that have these labels.
func (c *Client) Pods(ctx context.Context, namespace string, with map[string]string) ([]corev1.Pod, error) {
	list, err := c.list(ctx, pods, "Pods", namespace, labels.SelectorFromSet(with).String())
	if err != nil {
		return nil, err
	}
	found := make([]corev1.Pod, len(list))
	for i := range list {
		if err := typed(&list[i], &found[i]); err != nil {
			return nil, failed(ctx, err, attempt{"read", referenceTo(&list[i])})
		}
	}
	return found, nil
}

// Secret reads the values of a Secret; nil when there is none.
func (c *Client) Secret(ctx context.Context, namespace, name string) (map[string]secret.Value, error) {
	live, err := c.get(ctx, secrets, coreReference("Secret", namespace, name))
	if err != nil || live == nil {
		return nil, err
	}
	values := revealed(live)
	c.known.see(values)
	return values, nil
}
