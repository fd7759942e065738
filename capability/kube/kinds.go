// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"

	"nationtech.io/harmony/diag"
)

// A resource is how the API server calls a kind.
type resource struct {
	schema.GroupVersionResource
	namespaced bool
}

// kinds knows the resource of each kind. Kubernetes' own need no discovery; the
// others are asked for once in a process, or learned from their definitions.
type kinds struct {
	discovery *discovery.DiscoveryClient

	mu      sync.Mutex
	learned map[schema.GroupVersionKind]resource
}

var definitionKind = apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition")

// clusterScoped are Kubernetes' own kinds that stand in no namespace.
var clusterScoped = map[string]bool{
	"APIService": true, "CSIDriver": true, "CSINode": true, "CertificateSigningRequest": true,
	"ClusterRole": true, "ClusterRoleBinding": true, "ClusterTrustBundle": true, "CustomResourceDefinition": true,
	"DeviceClass": true, "FlowSchema": true, "IPAddress": true, "IngressClass": true,
	"MutatingAdmissionPolicy": true, "MutatingAdmissionPolicyBinding": true, "MutatingWebhookConfiguration": true,
	"Namespace": true, "Node": true, "PersistentVolume": true, "PriorityClass": true, "PriorityLevelConfiguration": true,
	"ResourceSlice": true, "RuntimeClass": true, "ServiceCIDR": true, "StorageClass": true,
	"ValidatingAdmissionPolicy": true, "ValidatingAdmissionPolicyBinding": true,
	"ValidatingWebhookConfiguration": true, "VolumeAttachment": true, "VolumeAttributesClass": true,
}

func builtIn(gvk schema.GroupVersionKind) bool {
	return gvk == definitionKind || scheme.Scheme.Recognizes(gvk)
}

// of gives the resource of a kind. Its error is a Diagnostic.
func (k *kinds) of(ctx context.Context, gvk schema.GroupVersionKind) (resource, error) {
	if builtIn(gvk) {
		plural, _ := meta.UnsafeGuessKindToResource(gvk)
		return resource{plural, !clusterScoped[gvk.Kind]}, nil
	}
	if r, ok := k.recall(gvk); ok {
		return r, nil
	}
	if k.discovery == nil {
		return resource{}, diag.New(diag.ObjectRefused, gvk.Kind).
			Saw("without a cluster nobody knows the kind " + gvk.Kind + " of " + gvk.GroupVersion().String() + ": whether it stands in a namespace").
			Try("let the same export have the CustomResourceDefinition, from a component that comes before")
	}
	list, err := k.discovery.ServerResourcesForGroupVersionWithContext(ctx, gvk.GroupVersion().String())
	if err != nil && !apierrors.IsNotFound(err) {
		return resource{}, failed(ctx, err, attempt{verb: "discover", reference: reference{GroupVersionKind: gvk, Name: gvk.GroupVersion().String()}})
	}
	if list != nil {
		k.learn(gvk.GroupVersion(), list.APIResources)
	}
	if r, ok := k.recall(gvk); ok {
		return r, nil
	}
	return resource{}, diag.New(diag.KindMissing, gvk.Kind).
		Saw("the cluster knows no kind " + gvk.Kind + " of " + gvk.GroupVersion().String()).
		Try("install what defines this kind first")
}

func (k *kinds) recall(gvk schema.GroupVersionKind) (resource, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.learned[gvk]
	return r, ok
}

func (k *kinds) learn(gv schema.GroupVersion, resources []metav1.APIResource) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.learned == nil {
		k.learned = map[schema.GroupVersionKind]resource{}
	}
	for _, r := range resources {
		if _, sub := subresource(r.Name); !sub {
			k.learned[gv.WithKind(r.Kind)] = resource{gv.WithResource(r.Name), r.Namespaced}
		}
	}
}

// define learns the kinds of a definition that is about to be applied.
func (k *kinds) define(crd *apiextensionsv1.CustomResourceDefinition) {
	for _, v := range crd.Spec.Versions {
		k.learn(schema.GroupVersion{Group: crd.Spec.Group, Version: v.Name}, []metav1.APIResource{{
			Name: crd.Spec.Names.Plural, Kind: crd.Spec.Names.Kind,
			Namespaced: crd.Spec.Scope == apiextensionsv1.NamespaceScoped,
		}})
	}
}

func subresource(name string) (string, bool) {
	for i, c := range name {
		if c == '/' {
			return name[i+1:], true
		}
	}
	return "", false
}
