// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart

import (
	"maps"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

const (
	policyAnnotation = "helm.sh/resource-policy"
	keep             = "keep"
)

// objects are what is applied: those of the chart, each in its turn, and those of the Score.
func (s Score) objects(r rendered) ([]kube.Object, error) {
	documents, err := s.chosen(r.documents)
	if err != nil {
		return nil, err
	}
	turns, err := s.turns(documents)
	if err != nil {
		return nil, err
	}
	sum := digest(documents)
	objects := slices.Clone(s.With)
	for i, d := range documents {
		s.data(d.object)
		o, err := s.typed(d)
		if err != nil {
			return nil, err
		}
		if judge := s.Judge[d.object.GetKind()]; judge != nil {
			o = kube.WithReadiness(o, judge)
		}
		o = kube.InTurn(o, turns[i])
		if d.runsAgain() {
			mark(d.object, sum)
			o = kube.RunAgain(o)
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// chosen are the documents without those that are left out.
func (s Score) chosen(all []document) (chosen []document, err error) {
	left := map[string]bool{}
	for _, d := range all {
		if slices.Contains(s.LeaveOut, d.String()) {
			left[d.String()] = true
		} else {
			chosen = append(chosen, d)
		}
	}
	for _, name := range s.LeaveOut {
		if !left[name] {
			return nil, diag.New(diag.BadPlacement, s.Name()).Saw(name + " is to be left out, and the chart has no such object")
		}
	}
	return chosen, nil
}

// data marks what only a purge may delete: what the chart wants kept, and volume claims.
func (s Score) data(o *unstructured.Unstructured) {
	if o.GetAnnotations()[policyAnnotation] == keep || o.GetKind() == "PersistentVolumeClaim" {
		o.SetLabels(s.labelled(o.GetLabels()))
	}
	if o.GetKind() != "StatefulSet" {
		return
	}
	claims, _, _ := unstructured.NestedSlice(o.Object, "spec", "volumeClaimTemplates")
	for _, c := range claims {
		if content, is := c.(map[string]any); is {
			claim := unstructured.Unstructured{Object: content}
			claim.SetLabels(s.labelled(claim.GetLabels()))
		}
	}
	if len(claims) > 0 {
		_ = unstructured.SetNestedSlice(o.Object, claims, "spec", "volumeClaimTemplates") // it was one before
	}
}

func (s Score) labelled(labels map[string]string) map[string]string {
	all := maps.Clone(labels)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, s.inventory().DataLabels())
	return all
}

// typed gives a definition of a kind in its Go type, by which Apply learns the kind before it has objects of it.
func (s Score) typed(d document) (kube.Object, error) {
	if d.object.GroupVersionKind() != apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition") {
		return d.object, nil
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(d.object.Object, &definition); err != nil {
		return nil, s.unrendered().Saw("file: " + d.file).Because(err)
	}
	return &definition, nil
}
