// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	podKind        = corev1.SchemeGroupVersion.WithKind("Pod")
	replicaSetKind = appsv1.SchemeGroupVersion.WithKind("ReplicaSet")
	endpointKind   = discoveryv1.SchemeGroupVersion.WithKind("EndpointSlice")
	eventKind      = corev1.SchemeGroupVersion.WithKind("Event")
	nodeKind       = corev1.SchemeGroupVersion.WithKind("Node")
	classKind      = storagev1.SchemeGroupVersion.WithKind("StorageClass")
)

// sources are what must be watched to judge the items: one for each kind and namespace
// of the inventory, and what explains them.
func sources(inventory Inventory, items []item, standing map[reference]string) []source {
	own := labels.SelectorFromSet(inventory.Labels()).String()
	all := map[source]string{} // with the newest resourceVersion that is known of it
	for _, it := range items {
		if readyWhenStored[it.GroupKind()] && it.judge == nil {
			continue
		}
		s := source{resource: it.resource, kind: it.GroupVersionKind, namespace: it.Namespace, labels: own}
		all[s] = newer(all[s], standing[it.key()])
		for _, s := range explaining(it) {
			all[s] = ""
		}
	}
	var found []source
	for s, version := range all {
		s.atLeast = version
		found = append(found, s)
	}
	return found
}

func newer(a, b string) string {
	x, _ := strconv.ParseUint(a, 10, 64)
	y, _ := strconv.ParseUint(b, 10, 64)
	if y > x {
		return b
	}
	return a
}

// onlyWarnings selects the events that tell of trouble.
const onlyWarnings = "type=" + corev1.EventTypeWarning

// explaining are the sources without which an item's state has no reason, or cannot be told.
func explaining(it item) []source {
	behind := func(r resource, kind schema.GroupVersionKind, selector string) source {
		return source{resource: r, kind: kind, namespace: it.Namespace, labels: selector, aside: true}
	}
	told := source{resource: eventsOf, kind: eventKind, namespace: it.Namespace, fields: onlyWarnings, aside: true}
	hosts := source{resource: nodes, kind: nodeKind, aside: true}
	switch o := decode(it.GroupVersionKind, it.object.DeepCopy()).(type) {
	case *appsv1.Deployment:
		of := selects(o.Spec.Selector)
		return []source{behind(pods, podKind, of), behind(replicaSets, replicaSetKind, of), told, hosts}
	case *appsv1.StatefulSet:
		return []source{behind(pods, podKind, selects(o.Spec.Selector)), told, hosts}
	case *appsv1.DaemonSet:
		return []source{behind(pods, podKind, selects(o.Spec.Selector)), told, hosts}
	case *appsv1.ReplicaSet:
		return []source{behind(pods, podKind, selects(o.Spec.Selector)), told, hosts}
	case *batchv1.Job:
		return []source{behind(pods, podKind, batchv1.JobNameLabel+"="+o.Name), told, hosts}
	case *corev1.Pod:
		return []source{told, hosts}
	case *corev1.Service:
		if len(o.Spec.Selector) > 0 {
			s := behind(endpointing, endpointKind, discoveryv1.LabelServiceName+"="+o.Name)
			s.aside = false
			return []source{s}
		}
	case *corev1.PersistentVolumeClaim:
		return []source{{resource: classes, kind: classKind, aside: true}, told}
	}
	return nil
}

func selects(selector *metav1.LabelSelector) string {
	s, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return ""
	}
	return s.String()
}

func sorted(verdicts map[reference]verdict) []reference {
	return slices.SortedFunc(maps.Keys(verdicts), func(a, b reference) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), compareReferences(a, b))
	})
}
