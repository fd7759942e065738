// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
)

// madeAnnotation marks the namespaces that Harmony made: only those may it delete.
const madeAnnotation = "harmony.nationtech.io/made"

// namespace reads a namespace; nil when there is none. Credentials that are good for one namespace alone often
// may not read the namespace itself: then it is taken for there, and for someone else's.
func (c *Client) namespace(ctx context.Context, name string) (*corev1.Namespace, error) {
	ns := corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	found, err := c.read(ctx, namespaces, coreReference("Namespace", "", name), &ns)
	if forbidden(err) {
		return &ns, nil
	}
	if err != nil || !found {
		return nil, err
	}
	return &ns, nil
}

// ensureNamespace makes the namespace when there is none, with Pod Security enforced. One
// that is there already is somebody's decision and stays as it is.
func (c *Client) ensureNamespace(ctx context.Context, name string) ([]harmony.Change, error) {
	ns := newNamespace(name)
	ns.Annotations = map[string]string{madeAnnotation: "true"}
	_, err := c.create(ctx, namespaces, ns, ns.GroupVersionKind())
	ref := coreReference("Namespace", "", name)
	switch {
	case apierrors.IsAlreadyExists(err):
		return nil, nil // another component was quicker
	case err != nil:
		return nil, failed(ctx, err, attempt{"create", ref})
	}
	return []harmony.Change{changed(ctx, harmony.Created, ref, "")}, nil
}

func newNamespace(name string) *corev1.Namespace {
	return &corev1.Namespace{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
			ManagedByLabel:                       manager,
			"pod-security.kubernetes.io/enforce": "restricted",
			"pod-security.kubernetes.io/warn":    "restricted",
			"pod-security.kubernetes.io/audit":   "restricted",
		}},
	}
}
