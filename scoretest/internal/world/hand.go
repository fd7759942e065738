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
	"k8s.io/client-go/rest"
)

// stranger is the field manager of what is done by hand.
const stranger = "stranger"

// Edit merges the fields into the object, as a person does who edits it.
func (w *World) Edit(ctx context.Context, o *Object, fields map[string]any) error {
	body, err := json.Marshal(fields)
	if err == nil {
		_, err = send(ctx, w.api.RESTClient().Patch(types.MergePatchType).AbsPath(o.Kind.path(o.Namespace, o.Name)...).
			Param("fieldManager", stranger).Body(body))
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
		_, err = send(ctx, w.api.RESTClient().Delete().AbsPath(o.Kind.path(o.Namespace, o.Name)...).
			SetHeader("Content-Type", "application/json").Body(body))
	}
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("delete %s: %w", o.Key(), err)
	}
	return nil
}

// Leave makes an object that has nothing but a name, as somebody who knows nothing of Harmony does.
func (w *World) Leave(ctx context.Context, kind Kind, namespace, name string) (*Object, error) {
	body, err := bare(kind, namespace, name)
	if err == nil {
		body, err = send(ctx, w.api.RESTClient().Post().AbsPath(kind.path(namespace)...).
			SetHeader("Content-Type", "application/json").Param("fieldManager", stranger).Body(body))
	}
	if err != nil {
		return nil, fmt.Errorf("make a %s that is nobody's: %w", kind.Kind, err)
	}
	return decode(kind, body)
}

// Try applies an object that has nothing but a name, as a dry run.
func (w *World) Try(ctx context.Context, kind Kind, namespace, name string) error {
	body, err := bare(kind, namespace, name)
	if err == nil {
		_, err = send(ctx, w.api.RESTClient().Patch(types.ApplyPatchType).AbsPath(kind.path(namespace, name)...).
			Param("fieldManager", stranger).Param("dryRun", metav1.DryRunAll).Body(body))
	}
	if err != nil {
		return fmt.Errorf("try to apply %s/%s: %w", kind.Kind, name, err)
	}
	return nil
}

func bare(kind Kind, namespace, name string) ([]byte, error) {
	return json.Marshal(metav1.PartialObjectMetadata{
		TypeMeta:   metav1.TypeMeta{APIVersion: kind.GroupVersion().String(), Kind: kind.Kind},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
	})
}

// send sends the request. Its error is what the API server said, which a client that knows no kind does not read.
func send(ctx context.Context, request *rest.Request) ([]byte, error) {
	body, err := request.DoRaw(ctx)
	var said metav1.Status
	if err != nil && json.Unmarshal(body, &said) == nil && said.Status == metav1.StatusFailure {
		return nil, &apierrors.StatusError{ErrStatus: said}
	}
	return body, err
}
