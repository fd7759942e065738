// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package hello

import (
	"crypto/sha256"
	"encoding/hex"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"nationtech.io/harmony/capability/kube"
)

const (
	port   = 80
	listen = 8080
)

func (s Score) objects(reference string) []kube.Object {
	return []kube.Object{s.text(), s.service(), s.deployment(reference)}
}

func (s Score) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: s.Name(), Labels: s.labels()}
}

func (s Score) labels() map[string]string {
	return map[string]string{"app.kubernetes.io/name": s.Name()}
}

func (s Score) text() *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: s.meta(), Data: map[string]string{"text": s.Text}}
}

func (s Score) service() *corev1.Service {
	return &corev1.Service{ObjectMeta: s.meta(), Spec: corev1.ServiceSpec{
		Selector: s.labels(),
		Ports:    []corev1.ServicePort{{Port: port, TargetPort: intstr.FromInt32(listen), Protocol: corev1.ProtocolTCP}},
	}}
}

func (s Score) deployment(reference string) *appsv1.Deployment {
	sum := sha256.Sum256([]byte(s.Text))
	return &appsv1.Deployment{ObjectMeta: s.meta(), Spec: appsv1.DeploymentSpec{
		Replicas: new(int32(1)), // what is not said here is not repaired
		Selector: &metav1.LabelSelector{MatchLabels: s.labels()},
		Template: corev1.PodTemplateSpec{
			// A changed text makes a new Pod, so that the deploy waits for one that says it.
			ObjectMeta: metav1.ObjectMeta{Labels: s.labels(), Annotations: map[string]string{"text": hex.EncodeToString(sum[:8])}},
			Spec:       s.pod(reference),
		},
	}}
}

// pod keeps to Pod Security "restricted", which a namespace that Harmony makes enforces.
func (s Score) pod(reference string) corev1.PodSpec {
	return corev1.PodSpec{
		AutomountServiceAccountToken:  new(bool),
		TerminationGracePeriodSeconds: new(int64(1)),
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: new(true), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{{
			Name: s.Name(), Image: reference, Args: []string{"/etc/hello/text"},
			Ports: []corev1.ContainerPort{{ContainerPort: listen, Protocol: corev1.ProtocolTCP}},
			ReadinessProbe: &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{
				HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: intstr.FromInt32(listen)},
			}},
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: resource.MustParse("16Mi")},
				Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("500m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
			},
			SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: new(bool), ReadOnlyRootFilesystem: new(true),
				Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			},
			VolumeMounts: []corev1.VolumeMount{{Name: "text", MountPath: "/etc/hello", ReadOnly: true}},
		}},
		Volumes: []corev1.Volume{{Name: "text", VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: s.Name()}},
		}}},
	}
}
