// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// InventoryAnnotation names the inventory that an object belongs to, as namespace/component. It
// tells what an interrupted run made from what is someone else's.
const InventoryAnnotation = "harmony.nationtech.io/inventory"

func (i Inventory) String() string { return i.Namespace + "/" + i.Name }

// mark puts the inventory's labels and annotation on an object.
func (i Inventory) mark(u *unstructured.Unstructured) {
	labels := u.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, i.Labels())
	u.SetLabels(labels)
	annotations := u.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[InventoryAnnotation] = i.String()
	u.SetAnnotations(annotations)
}

// owns tells whether an object that stands is the inventory's: it is recorded
// with its uid, or carries the mark of a run that was interrupted before it could record it.
func (i Inventory) owns(live *unstructured.Unstructured, recorded entry) bool {
	if recorded.UID != "" && recorded.UID == live.GetUID() {
		return true
	}
	return live.GetAnnotations()[InventoryAnnotation] == i.String()
}

// owner says in words whose an object is.
func owner(live *unstructured.Unstructured) string {
	labels, annotations := live.GetLabels(), live.GetAnnotations()
	if of := annotations[InventoryAnnotation]; of != "" {
		return "it belongs to Harmony's component " + of
	}
	if release := annotations["meta.helm.sh/release-name"]; release != "" {
		return "it belongs to the Helm release " + release
	}
	var says []string
	if by := labels[ManagedByLabel]; by != "" {
		says = append(says, "it is labelled as managed by "+by)
	}
	for _, ref := range live.GetOwnerReferences() {
		says = append(says, "it is part of "+ref.Kind+"/"+ref.Name)
	}
	if by := managers(live); len(by) > 0 {
		says = append(says, "its fields were written by "+strings.Join(by, ", "))
	}
	if len(says) == 0 {
		return "nothing on it says whose it is"
	}
	return strings.Join(says, "; ")
}

func managers(live *unstructured.Unstructured) (names []string) {
	for _, m := range live.GetManagedFields() {
		name := m.Manager
		if m.Time != nil {
			name = fmt.Sprintf("%s (%s)", name, m.Time.UTC().Format("2006-01-02 15:04"))
		}
		if m.Subresource == "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
