// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package victim

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"

	"nationtech.io/harmony/capability/kube"
)

// Objects are what the Score applies; reference is the image that its Pods run.
func (s Score) Objects(reference string) []kube.Object {
	all := []kube.Object{s.deployment(reference), s.service()}
	if s.Class != "" {
		all = append(all, s.claim())
	}
	if s.Kind != "" {
		o := &unstructured.Unstructured{}
		o.SetAPIVersion("faults.example/v1")
		o.SetKind(s.Kind)
		o.SetName(s.Name())
		all = append(all, o)
	}
	if s.Definition != "" {
		all = append(all, s.definition())
	}
	return all
}

func (s Score) meta() metav1.ObjectMeta { return metav1.ObjectMeta{Name: s.Name()} }

func (s Score) labels() map[string]string {
	return map[string]string{"app": orElse(s.Selector, s.Name())}
}

func (s Score) service() *corev1.Service {
	target := s.Target
	if target == 0 {
		target = port
	}
	return &corev1.Service{ObjectMeta: s.meta(), Spec: corev1.ServiceSpec{
		Selector: map[string]string{"app": orElse(s.Behind, s.labels()["app"])},
		Ports:    []corev1.ServicePort{{Port: facade, TargetPort: intstr.FromInt32(target), Protocol: corev1.ProtocolTCP}},
	}}
}

func (s Score) claim() *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{ObjectMeta: s.meta(), Spec: corev1.PersistentVolumeClaimSpec{
		StorageClassName: &s.Class, AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Mi")}},
	}}
}

// definition has the names of Victim, which another definition of the group may have taken.
func (s Score) definition() *apiextensionsv1.CustomResourceDefinition {
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "victims." + s.Definition},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: s.Definition, Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "victims", Singular: "victim", Kind: "Victim", ListKind: "VictimList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object"}},
			}},
		},
	}
}

func (s Score) deployment(reference string) *appsv1.Deployment {
	replicas := int32(1)
	if s.Apart {
		replicas = 2
	}
	return &appsv1.Deployment{ObjectMeta: s.meta(), Spec: appsv1.DeploymentSpec{
		Replicas: &replicas,
		Strategy: appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType},
		Selector: &metav1.LabelSelector{MatchLabels: s.labels()},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: s.labels()}, Spec: s.pod(reference)},
	}}
}
