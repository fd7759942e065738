// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"runtime"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"nationtech.io/harmony/capability/kube"
)

const (
	arch = runtime.GOARCH
	port = 7000
)

var app = map[string]string{"app": "web"}

func named(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name} }

func settings(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: named(name), Data: data}
}

func pointer[T any](v T) *T { return &v }

// container passes Pod Security restricted.
func container(image string, args ...string) corev1.Container {
	return corev1.Container{
		Name: "main", Image: image, Args: args, ImagePullPolicy: corev1.PullIfNotPresent,
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: pointer(false),
			Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
	}
}

func template(c corev1.Container) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: app},
		Spec: corev1.PodSpec{
			Containers:                    []corev1.Container{c},
			TerminationGracePeriodSeconds: pointer(int64(5)),
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: pointer(true), RunAsUser: pointer(int64(65532)),
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
		},
	}
}

func deployment(name string, c corev1.Container) *appsv1.Deployment {
	return &appsv1.Deployment{ObjectMeta: named(name), Spec: appsv1.DeploymentSpec{
		Replicas: pointer(int32(1)), Selector: &metav1.LabelSelector{MatchLabels: app}, Template: template(c),
	}}
}

// echo is a container that answers on the port, and says so.
func echo(image string) corev1.Container {
	c := container(image, "echo", ":7000")
	c.Ports = []corev1.ContainerPort{{Name: "echo", ContainerPort: port}}
	c.ReadinessProbe = &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{
		TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromString("echo")},
	}}
	return c
}

func service(name string, target intstr.IntOrString) *corev1.Service {
	return &corev1.Service{ObjectMeta: named(name), Spec: corev1.ServiceSpec{
		Selector: app, Ports: []corev1.ServicePort{{Name: "main", Port: 80, TargetPort: target}},
	}}
}

// everything is a component of ten objects of nine kinds.
func everything(image string) []kube.Object {
	return []kube.Object{
		deployment("web", echo(image)),
		service("web", intstr.FromString("echo")),
		service("direct", intstr.FromInt32(port)),
		settings("settings", map[string]string{"a": "1", "b": "2"}),
		&corev1.Secret{ObjectMeta: named("given"), StringData: map[string]string{"password": "hunter2hunter2"}},
		&corev1.ServiceAccount{ObjectMeta: named("web")},
		&rbacv1.Role{ObjectMeta: named("web"), Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get"}}}},
		&rbacv1.RoleBinding{
			ObjectMeta: named("web"), RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "web"},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "web"}},
		},
		&policyv1.PodDisruptionBudget{ObjectMeta: named("web"), Spec: policyv1.PodDisruptionBudgetSpec{
			MinAvailable: pointer(intstr.FromInt32(1)), Selector: &metav1.LabelSelector{MatchLabels: app},
		}},
		&networkingv1.NetworkPolicy{ObjectMeta: named("web"), Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: app}, PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
			Ingress: []networkingv1.NetworkPolicyIngressRule{{}},
		}},
	}
}

var intPort = intstr.FromInt32(port)

// widgets defines a kind of a group of the test's own.
func widgets(group string) *apiextensionsv1.CustomResourceDefinition {
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: named("widgets." + group),
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: group, Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "widgets", Singular: "widget", Kind: "Widget", ListKind: "WidgetList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object", XPreserveUnknownFields: pointer(true),
				}},
			}},
		},
	}
}
