// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package victim

import (
	"bytes"
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"nationtech.io/harmony/capability/kube"
)

// Manifest is what the Score applies as others read it: objects in JSON, with a line of YAML between them.
func (s Score) Manifest(reference string) ([]byte, error) {
	var all bytes.Buffer
	for _, o := range s.Objects(reference) {
		name(o)
		text, err := json.Marshal(o)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", o.GetName(), err)
		}
		fmt.Fprintf(&all, "---\n%s\n", text)
	}
	return all.Bytes(), nil
}

// name gives typed objects their kind, which they do not have by themselves.
func name(o kube.Object) {
	kind := o.GetObjectKind()
	switch o.(type) {
	case *appsv1.Deployment:
		kind.SetGroupVersionKind(appsv1.SchemeGroupVersion.WithKind("Deployment"))
	case *corev1.Service:
		kind.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Service"))
	case *corev1.PersistentVolumeClaim:
		kind.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("PersistentVolumeClaim"))
	case *apiextensionsv1.CustomResourceDefinition:
		kind.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
	}
}
