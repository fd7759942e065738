// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"cmp"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A reference names one object of a cluster.
type reference struct {
	schema.GroupVersionKind
	Namespace string
	Name      string
}

// String is how people call it: Kind/name.
func (r reference) String() string { return r.Kind + "/" + r.Name }

// key is the same for all versions of a kind.
func (r reference) key() reference {
	r.Version = ""
	return r
}

func referenceTo(u *unstructured.Unstructured) reference {
	return reference{u.GroupVersionKind(), u.GetNamespace(), u.GetName()}
}

func compareReferences(a, b reference) int {
	return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}
