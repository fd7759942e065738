// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

var (
	configMaps  = coreResource("configmaps", true)
	secrets     = coreResource("secrets", true)
	namespaces  = coreResource("namespaces", false)
	pods        = coreResource("pods", true)
	services    = coreResource("services", true)
	claims      = coreResource("persistentvolumeclaims", true)
	volumes     = coreResource("persistentvolumes", false)
	eventsOf    = coreResource("events", true)
	nodes       = coreResource("nodes", false)
	endpointing = groupResource("discovery.k8s.io", "endpointslices", true)
	replicaSets = groupResource("apps", "replicasets", true)
	classes     = groupResource("storage.k8s.io", "storageclasses", false)
)

func coreResource(name string, namespaced bool) resource {
	return resource{corev1.SchemeGroupVersion.WithResource(name), namespaced}
}

func groupResource(group, name string, namespaced bool) resource {
	return resource{schema.GroupVersionResource{Group: group, Version: "v1", Resource: name}, namespaced}
}

// in is the client of a resource, in the namespace where that makes sense.
func (c *Client) in(r resource, namespace string) dynamic.ResourceInterface {
	if r.namespaced {
		return c.objects.Resource(r.GroupVersionResource).Namespace(namespace)
	}
	return c.objects.Resource(r.GroupVersionResource)
}

func coreReference(kind, namespace, name string) reference {
	return reference{corev1.SchemeGroupVersion.WithKind(kind), namespace, name}
}

// get reads an object; nil when there is none. Its error is a Diagnostic.
func (c *Client) get(ctx context.Context, r resource, ref reference) (*unstructured.Unstructured, error) {
	u, err := c.in(r, ref.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, failed(ctx, err, attempt{"get", ref})
	}
	return u, nil
}

// read reads an object into its type; false when there is none.
func (c *Client) read(ctx context.Context, r resource, ref reference, into any) (bool, error) {
	u, err := c.get(ctx, r, ref)
	if err != nil || u == nil {
		return false, err
	}
	return true, failed(ctx, typed(u, into), attempt{"read", ref})
}

func typed(u *unstructured.Unstructured, into any) error {
	return runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, into)
}

// list reads the objects that have the labels; an empty selector is all.
func (c *Client) list(ctx context.Context, r resource, kind, namespace, selector string) ([]unstructured.Unstructured, error) {
	all, err := c.in(r, namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, failed(ctx, err, attempt{"list", reference{schema.GroupVersionKind{Kind: kind}, namespace, ""}})
	}
	return all.Items, nil
}

// create makes an object under Harmony's own field manager. Its error is the API server's own.
func (c *Client) create(ctx context.Context, r resource, o Object, gvk schema.GroupVersionKind) (*unstructured.Unstructured, error) {
	u, err := convert(o, gvk)
	if err != nil {
		return nil, err
	}
	return c.in(r, u.GetNamespace()).Create(ctx, u, metav1.CreateOptions{FieldManager: manager})
}

// update replaces an object if it is still at the resourceVersion that o carries.
func (c *Client) update(ctx context.Context, r resource, o Object, gvk schema.GroupVersionKind) (*unstructured.Unstructured, error) {
	u, err := convert(o, gvk)
	if err != nil {
		return nil, err
	}
	u.SetResourceVersion(o.GetResourceVersion())
	return c.in(r, u.GetNamespace()).Update(ctx, u, metav1.UpdateOptions{FieldManager: manager})
}

// tryApply asks what apply would do.
func (c *Client) tryApply(ctx context.Context, it item) (*unstructured.Unstructured, error) {
	options := metav1.ApplyOptions{FieldManager: manager, Force: true, DryRun: []string{metav1.DryRunAll}}
	return c.in(it.resource, it.Namespace).Apply(ctx, it.Name, it.object, options)
}

// apply sends an item by server-side apply. Fields are taken from whoever holds them only on the very object
// that was found to be ours (before); what appeared since under its name is a conflict.
func (c *Client) apply(ctx context.Context, it item, before *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	options, object := metav1.ApplyOptions{FieldManager: manager}, it.object
	if before != nil {
		options.Force, object = true, it.object.DeepCopy()
		object.SetUID(before.GetUID())
	}
	return c.in(it.resource, it.Namespace).Apply(ctx, it.Name, object, options)
}
