// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

// replace takes an object for one to be made anew: the API server refuses to change a field of the one that stands.
func (c *Client) replace(ctx context.Context, f *finding, refusal error) error {
	f.action, f.detail = harmony.Replaced, strings.Join(causes(refusal), "; ")
	f.fields, f.others = c.anew(ctx, f)
	if holds := data(f); holds != "" {
		return unchangeable(f, refusal).Note(holds).
			Try("go back to what it was, or save its data, remove the component with --purge and deploy it again")
	}
	if !harmony.MayReplace(ctx) {
		return unchangeable(f, refusal).
			Note("another can be made in its place; with it goes: "+loses(f.Kind)).
			Try("go back to what it was, or let it be replaced:", "--replace")
	}
	return nil
}

// data says why another object in its place would lose data or not have what is wanted; empty when it would.
func data(f *finding) string {
	if isData(f.live) || f.Kind == "PersistentVolumeClaim" {
		return "it holds data, which Harmony deletes only with remove --purge"
	}
	for _, field := range f.fields {
		if f.Kind == "StatefulSet" && strings.HasPrefix(field.path, "spec.volumeClaimTemplates") {
			return "with another in its place the claims that it made would stay as they are, with their data"
		}
	}
	return ""
}

func unchangeable(f *finding, refusal error) *diag.Diagnostic {
	d := diag.New(diag.Immutable, f.String())
	for _, cause := range causes(refusal) {
		d.Saw(cause)
		path, _, _ := strings.Cut(cause, ":")
		for _, field := range f.fields {
			if strings.HasPrefix(field.path, path) && f.Kind != "Secret" {
				d.Saw(fmt.Sprintf("%s is %v and should be %v", field.path, field.before, field.after))
			}
		}
	}
	return d
}

// anew compares what stands with what would stand in its place, which the API server tells by a dry run under a name
// that is free.
func (c *Client) anew(ctx context.Context, f *finding) ([]difference, int) {
	if c.objects == nil {
		return nil, 0
	}
	it := f.item
	it.object, it.Name = f.object.DeepCopy(), f.Name+"-anew"
	it.object.SetName(it.Name)
	after, err := c.tryApply(ctx, it)
	if err != nil {
		return nil, 0 // what the refusal said has to do
	}
	return decided(f.differences(after))
}

// causes are the fields and reasons of a refusal, without the values, which may be long.
func causes(err error) (all []string) {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	for _, cause := range status.Status().Details.Causes {
		message := cause.Message
		if at := strings.LastIndex(message, ": "); at >= 0 && cause.Type == metav1.CauseTypeFieldValueInvalid {
			message = message[at+2:]
		}
		all = append(all, strings.TrimPrefix(cause.Field+": "+message, ": "))
	}
	return all
}

// immutable tells whether the API server refuses to change a field on an object that exists.
func immutable(err error) bool {
	if !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err) {
		return false
	}
	for _, words := range []string{"immutable", "updates to statefulset spec", "may not change once set"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

// loses says what goes with an object that is deleted or replaced.
func loses(kind string) string {
	switch kind {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet":
		return "its Pods; they stop before others start"
	case "Pod":
		return "what its containers hold in memory and on their own disk"
	case "Job":
		return "its Pods and their logs; it runs again"
	case "Service":
		return "its cluster IP; who is connected through it has to connect again"
	case "PersistentVolumeClaim":
		return "all data of its volume"
	case "Namespace":
		return "everything in it"
	case "CustomResourceDefinition":
		return "every object of its kind"
	case "Secret", "ConfigMap":
		return "nothing else; for a moment there is none"
	}
	return "nothing else that is known"
}
