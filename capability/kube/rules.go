// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// A world is what the rules may look at: the objects in question and those that explain
// them. Rules are pure functions of it.
type world struct {
	objects     map[reference]Object
	pods        []*corev1.Pod
	replicaSets []*appsv1.ReplicaSet
	slices      []*discoveryv1.EndpointSlice
	classes     map[string]*storagev1.StorageClass
	classesRead bool // whether classes are all that there are
	nodes       map[string]*corev1.Node
	events      map[types.UID][]*corev1.Event // warnings, by what they are about
	began       crashes
	from        time.Time // when the wait began; what is older than that tells of an earlier deploy
	own         map[reference]func(Object) Readiness
}

// crashes are how often each container of each Pod had been started again when the wait began: what it
// did before says nothing about what is being applied.
type crashes map[types.UID]map[string]int32

func (w *world) crashes() crashes {
	all := crashes{}
	for _, p := range w.pods {
		all[p.UID] = map[string]int32{}
		for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
			all[p.UID][s.Name] = s.RestartCount
		}
	}
	return all
}

func worldOf(all []Object) *world {
	w := &world{objects: map[reference]Object{}, classes: map[string]*storagev1.StorageClass{},
		nodes: map[string]*corev1.Node{}, events: map[types.UID][]*corev1.Event{}}
	for _, o := range all {
		switch o := o.(type) {
		case *corev1.Pod:
			w.pods = append(w.pods, o)
		case *appsv1.ReplicaSet:
			w.replicaSets = append(w.replicaSets, o)
		case *discoveryv1.EndpointSlice:
			w.slices = append(w.slices, o)
		case *storagev1.StorageClass:
			w.classes[o.Name] = o
		case *corev1.Node:
			w.nodes[o.Name] = o
		case *corev1.Event:
			w.events[o.InvolvedObject.UID] = append(w.events[o.InvolvedObject.UID], o)
		}
		ref := reference{o.GetObjectKind().GroupVersionKind(), o.GetNamespace(), o.GetName()}
		w.objects[ref.key()] = o
	}
	return w
}

// readyWhenStored are the kinds that do nothing by themselves: no controller makes
// them ready, the API server's word is all there is.
var readyWhenStored = map[schema.GroupKind]bool{
	{Kind: "ConfigMap"}:                                                               true,
	{Kind: "Secret"}:                                                                  true,
	{Kind: "ServiceAccount"}:                                                          true,
	{Kind: "ResourceQuota"}:                                                           true,
	{Kind: "LimitRange"}:                                                              true,
	{Group: "rbac.authorization.k8s.io", Kind: "Role"}:                                true,
	{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"}:                         true,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"}:                         true,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding"}:                  true,
	{Group: "discovery.k8s.io", Kind: "EndpointSlice"}:                                true,
	{Kind: "Endpoints"}:                                                               true,
	{Kind: "PersistentVolume"}:                                                        true,
	{Group: "networking.k8s.io", Kind: "NetworkPolicy"}:                               true,
	{Group: "networking.k8s.io", Kind: "IngressClass"}:                                true,
	{Group: "storage.k8s.io", Kind: "StorageClass"}:                                   true,
	{Group: "scheduling.k8s.io", Kind: "PriorityClass"}:                               true,
	{Group: "node.k8s.io", Kind: "RuntimeClass"}:                                      true,
	{Group: "coordination.k8s.io", Kind: "Lease"}:                                     true,
	{Group: "batch", Kind: "CronJob"}:                                                 true,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingWebhookConfiguration"}:   true,
	{Group: "admissionregistration.k8s.io", Kind: "MutatingWebhookConfiguration"}:     true,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicy"}:        true,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicyBinding"}: true,
}

// assess judges the object of that name.
func (w *world) assess(ref reference) verdict {
	judge := w.own[ref.key()]
	if judge == nil && readyWhenStored[ref.GroupKind()] {
		return isReady()
	}
	o, found := w.objects[ref.key()]
	if !found {
		return waits("it is not there: someone has deleted it")
	}
	if n, ok := o.(*corev1.Namespace); ok {
		return namespace(n)
	}
	if o.GetDeletionTimestamp() != nil {
		return waits("it is being deleted")
	}
	if judge != nil {
		return judge(o).verdict()
	}
	if v, known := w.workload(o); known {
		return v
	}
	return w.other(o, ref)
}

// workload judges what runs as Pods.
func (w *world) workload(o Object) (v verdict, known bool) {
	switch o := o.(type) {
	case *appsv1.Deployment:
		return deployment(o, w), true
	case *appsv1.StatefulSet:
		return statefulSet(o, w), true
	case *appsv1.DaemonSet:
		return daemonSet(o, w), true
	case *appsv1.ReplicaSet:
		return replicaSet(o, w), true
	case *batchv1.Job:
		return job(o, w), true
	case *corev1.Pod:
		return pod(o, w), true
	}
	return verdict{}, false
}

func (w *world) other(o Object, ref reference) verdict {
	switch o := o.(type) {
	case *corev1.Service:
		return service(o, w)
	case *corev1.PersistentVolumeClaim:
		return claim(o, w)
	case *corev1.Node:
		return node(o)
	case *networkingv1.Ingress:
		return ingress(o)
	case *autoscalingv2.HorizontalPodAutoscaler:
		return autoscaler(o)
	case *policyv1.PodDisruptionBudget:
		return budget(o)
	case *apiextensionsv1.CustomResourceDefinition:
		return definition(o)
	case *unstructured.Unstructured:
		return custom(o)
	}
	return fails(unjudged, "there is no rule for kind "+ref.Kind)
}

func newDefinition() Object { return &apiextensionsv1.CustomResourceDefinition{} }

// partOf tells whether the controller with that uid made the object.
func partOf(o metav1.Object, owner metav1.Object) bool {
	of := metav1.GetControllerOf(o)
	return of != nil && of.UID == owner.GetUID()
}
