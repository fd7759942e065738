// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

// goes says what goes with an object of Kubernetes' own kinds that is deleted. Only of these can another be made in the
// place of one that stands: what goes with others nobody knows.
var goes = map[string]string{
	"Deployment": itsPods, "StatefulSet": itsPods, "DaemonSet": itsPods, "ReplicaSet": itsPods,
	"Job":       "its Pods and their logs; it runs again",
	"Service":   "its cluster IP, and its port of the nodes or its load balancer where it has one; who is connected through it has to connect again",
	"ConfigMap": "nothing else; for a moment there is none",
	"Secret":    "nothing else; for a moment there is none",
}

const itsPods = "its Pods; they stop before others start"

// replace takes an object for one to be made anew: the API server refuses to change a field of the one that stands.
func (c *Client) replace(ctx context.Context, f *finding, refusal error) error {
	f.action, f.detail = harmony.Replaced, strings.Join(causes(refusal), "; ")
	trial := c.anew(ctx, f)
	d := c.unchangeable(f, refusal)
	holds := data(f)
	switch {
	case holds != "":
		return d.Note(holds).Try("go back to what it was, or save its data, remove the component with --purge and deploy it again")
	case !f.replaceable():
		return d.Note("another in its place could lose what nobody knows of").Try("go back to what it was, or remove the component and deploy it again")
	case trial != nil:
		return d.Saw("another cannot be made in its place: " + trial.Error()).Try("go back to what it was")
	case !f.again && !harmony.MayReplace(ctx):
		return d.Note("another can be made in its place; with it goes: "+goes[f.Kind]).
			Try("go back to what it was, or let it be replaced:", "--replace")
	}
	return nil
}

func (f *finding) replaceable() bool { return builtIn(f.GroupVersionKind) && goes[f.Kind] != "" }

// data says why another object in its place would lose data or not have what is wanted; empty when it would not.
func data(f *finding) string {
	if isData(f.live) || f.Kind == "PersistentVolumeClaim" {
		return "it holds data, which Harmony deletes only with remove --purge"
	}
	if f.Kind != "StatefulSet" {
		return ""
	}
	wanted, _, _ := unstructured.NestedSlice(f.object.Object, "spec", "volumeClaimTemplates")
	stands, _, _ := unstructured.NestedSlice(f.live.Object, "spec", "volumeClaimTemplates")
	if len(wanted) != len(stands) || !within(wanted, stands) {
		return "with another in its place the claims that it made would stay as they are, with their data"
	}
	if policy, _, _ := unstructured.NestedString(f.live.Object, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"); policy == "Delete" {
		return "its claims go with it, and the data in them"
	}
	return ""
}

// within tells whether what stands has every value that is wanted; it may have more, by defaulting.
func within(wanted, stands any) bool {
	switch w := wanted.(type) {
	case map[string]any:
		s, ok := stands.(map[string]any)
		for name := range w {
			ok = ok && within(w[name], s[name])
		}
		return ok
	case []any:
		s, ok := stands.([]any)
		ok = ok && len(s) == len(w)
		for i := range w {
			ok = ok && within(w[i], s[i])
		}
		return ok
	}
	return fmt.Sprint(wanted) == fmt.Sprint(stands)
}

func (c *Client) unchangeable(f *finding, refusal error) *diag.Diagnostic {
	d, hide := diag.New(diag.Immutable, f.String()), c.masker([]item{f.item})
	for _, cause := range causes(refusal) {
		d.Saw(hide(cause))
		path, _, _ := strings.Cut(cause, ":")
		for _, field := range f.fields {
			if strings.HasPrefix(field.path, path) && f.Kind != "Secret" {
				d.Saw(fmt.Sprintf("%s is %v and should be %v", field.path, masked(field.before, hide), masked(field.after, hide)))
			}
		}
	}
	return d
}

// anew compares what stands with what would stand in its place, which the API server tells by a dry run under a name
// that is free. Its error is why there could be no other. A Service may ask for an address or a port that only the
// one that stands can give back: that is no reason.
func (c *Client) anew(ctx context.Context, f *finding) error {
	if c.objects == nil {
		return nil
	}
	it := f.item
	it.object, it.Name = f.object.DeepCopy(), f.Name+"-anew"
	it.object.SetName(it.Name)
	after, err := c.tryApply(ctx, it)
	if err != nil && f.Kind == "Service" && apierrors.IsInvalid(err) {
		return nil
	}
	if err == nil {
		f.fields, f.others = decided(f.differences(after))
	}
	return err
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

// immutable tells whether the API server refuses to change fields on an object that exists, and refuses nothing else.
func immutable(err error) bool {
	if !apierrors.IsInvalid(err) {
		return false
	}
	all := causes(err)
	return len(all) > 0 && !slices.ContainsFunc(all, func(cause string) bool {
		_, message, _ := strings.Cut(cause, ": ")
		return !slices.ContainsFunc([]string{"immutable", "updates to statefulset spec", "may not change once set"}, func(words string) bool {
			return strings.Contains(message, words)
		})
	})
}

// loses says what goes with an object that is deleted.
func loses(kind string) string {
	switch kind {
	case "PersistentVolumeClaim":
		return "all data of its volume"
	case "Namespace":
		return "everything in it"
	case "CustomResourceDefinition":
		return "every object of its kind"
	}
	if known := goes[kind]; known != "" {
		return known
	}
	return "nothing else that is known"
}
