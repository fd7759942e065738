// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// stranger is the field manager of what is done by hand.
const stranger = "stranger"

// Edit merges the fields into the object, as a person does who edits it.
func (w *World) Edit(ctx context.Context, o *Object, fields map[string]any) error {
	body, err := json.Marshal(fields)
	if err == nil {
		_, err = w.api.RESTClient().Patch(types.MergePatchType).AbsPath(o.Kind.path(o.Namespace, o.Name)...).
			Param("fieldManager", stranger).Body(body).DoRaw(ctx)
	}
	if err != nil {
		return fmt.Errorf("edit %s: %w", o.Key(), err)
	}
	return nil
}

// Delete deletes the object and does not wait; what is part of it follows by itself. One that is not there is deleted already.
func (w *World) Delete(ctx context.Context, o *Object) error {
	policy := metav1.DeletePropagationBackground
	body, err := json.Marshal(metav1.DeleteOptions{
		TypeMeta:      metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"},
		Preconditions: &metav1.Preconditions{UID: &o.UID}, PropagationPolicy: &policy,
	})
	if err == nil {
		_, err = w.api.RESTClient().Delete().AbsPath(o.Kind.path(o.Namespace, o.Name)...).
			SetHeader("Content-Type", "application/json").Body(body).DoRaw(ctx)
	}
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("delete %s: %w", o.Key(), err)
	}
	return nil
}

// Leave makes an object that has nothing but a name, as somebody who knows nothing of Harmony does.
func (w *World) Leave(ctx context.Context, kind Kind, namespace, name string) (*Object, error) {
	body, err := json.Marshal(metav1.PartialObjectMetadata{
		TypeMeta:   metav1.TypeMeta{APIVersion: kind.GroupVersion().String(), Kind: kind.Kind},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
	})
	if err == nil {
		body, err = w.api.RESTClient().Post().AbsPath(kind.path(namespace)...).
			SetHeader("Content-Type", "application/json").Param("fieldManager", stranger).Body(body).DoRaw(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("make a %s that is nobody's: %w", kind.Kind, err)
	}
	return decode(kind, body)
}
