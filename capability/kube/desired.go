// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"nationtech.io/harmony/diag"
)

// An item is one object as a component wants it.
type item struct {
	reference
	resource resource
	object   *unstructured.Unstructured
	digest   string                 // of what is wanted, without the values of Secrets
	judge    func(Object) Readiness // the Score's own; nil: by the rule of its kind
	turn     int                    // what has an earlier one is ready before
	again    bool                   // another may be made in its place without being asked for
}

// desired computes what Apply sends: every object with its kind, its namespace and the
// inventory's marks, without what only the API server writes; in the order of application.
func (c *Client) desired(ctx context.Context, inventory Inventory, objects []Object) ([]item, error) {
	var items []item
	var errs []error
	c.learn(objects)
	seen := map[reference]bool{}
	for _, o := range objects {
		g := plainly(o)
		it, err := c.want(ctx, inventory, g.Object)
		it.judge, it.turn, it.again = g.judge, g.turn, g.again
		if err == nil && seen[it.key()] {
			err = diag.New(diag.ObjectRefused, it.String()).Saw("the component gave two objects of this kind and name")
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		seen[it.key()] = true
		items = append(items, it)
	}
	slices.SortStableFunc(items, func(a, b item) int { return a.stage() - b.stage() })
	return items, errors.Join(errs...)
}

func (c *Client) learn(objects []Object) {
	for _, o := range objects {
		if crd, ok := plainly(o).Object.(*apiextensionsv1.CustomResourceDefinition); ok {
			c.kinds.define(crd)
		}
	}
}

func (c *Client) want(ctx context.Context, inventory Inventory, o Object) (item, error) {
	gvk, err := kindOf(o)
	if err != nil {
		return item{}, err
	}
	r, err := c.kinds.of(ctx, gvk)
	if err != nil {
		return item{}, err
	}
	u, err := convert(o, gvk)
	if err != nil {
		return item{}, err
	}
	if r.namespaced && u.GetNamespace() == "" {
		u.SetNamespace(inventory.Namespace)
	}
	inventory.mark(u)
	return item{reference: referenceTo(u), resource: r, object: u, digest: digest(u)}, nil
}

// kindOf finds the kind of a typed object, which its Go type tells and its fields may not.
func kindOf(o Object) (schema.GroupVersionKind, error) {
	if gvk := o.GetObjectKind().GroupVersionKind(); !gvk.Empty() && gvk.Kind != "" {
		return gvk, nil
	}
	if _, ok := o.(*apiextensionsv1.CustomResourceDefinition); ok {
		return definitionKind, nil
	}
	gvks, _, err := scheme.Scheme.ObjectKinds(o)
	if err != nil || len(gvks) == 0 {
		return schema.GroupVersionKind{}, diag.New(diag.ObjectRefused, o.GetName()).
			Saw("the component gave an object without apiVersion and kind, and its Go type tells neither").Because(err)
	}
	return gvks[0], nil
}

// convert makes of a typed object what server-side apply takes: what a Go zero
// value writes without being asked would become ours to keep.
func convert(o Object, gvk schema.GroupVersionKind) (*unstructured.Unstructured, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o.DeepCopyObject())
	if err != nil {
		return nil, diag.New(diag.ObjectRefused, gvk.Kind+"/"+o.GetName()).Because(err)
	}
	withoutNulls(content)
	delete(content, "status")
	if spec, ok := content["spec"].(map[string]any); ok && len(spec) == 0 {
		delete(content, "spec") // as of a Lease, which is its holder's to write
	}
	u := &unstructured.Unstructured{Object: content}
	u.SetGroupVersionKind(gvk)
	for _, field := range []string{"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp"} {
		unstructured.RemoveNestedField(content, "metadata", field)
	}
	if claims, ok, _ := unstructured.NestedSlice(content, "spec", "volumeClaimTemplates"); ok {
		for _, claim := range claims {
			if fields, ok := claim.(map[string]any); ok {
				delete(fields, "status")
			}
		}
		_ = unstructured.SetNestedSlice(content, claims, "spec", "volumeClaimTemplates")
	}
	if gvk.Kind == "Secret" && gvk.Group == "" {
		plainData(content)
	}
	return u, nil
}

func withoutNulls(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, field := range v {
			if field == nil {
				delete(v, key)
				continue
			}
			withoutNulls(field)
		}
	case []any:
		for _, element := range v {
			withoutNulls(element)
		}
	}
}

// plainData moves stringData to data: the API server does so too, but keeps both as ours.
func plainData(content map[string]any) {
	texts, ok, _ := unstructured.NestedStringMap(content, "stringData")
	if !ok {
		return
	}
	data, _, _ := unstructured.NestedStringMap(content, "data")
	if data == nil {
		data = map[string]string{}
	}
	for key, text := range texts {
		data[key] = base64.StdEncoding.EncodeToString([]byte(text))
	}
	delete(content, "stringData")
	_ = unstructured.SetNestedStringMap(content, data, "data")
}

// digest tells two desires apart. The values of a Secret stay out: whoever may read the
// inventory may not read them, and a digest of a short password can be guessed.
func digest(u *unstructured.Unstructured) string {
	content := u.Object
	if u.GetKind() == "Secret" && u.GroupVersionKind().Group == "" {
		content = maps.Clone(content)
		data, _, _ := unstructured.NestedStringMap(u.Object, "data")
		content["data"] = slices.Sorted(maps.Keys(data))
	}
	// Content that came from the converter has nothing that JSON cannot say.
	text, _ := json.Marshal(content)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
