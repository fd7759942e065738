// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/score/nats"
)

const (
	port    = 80
	listen  = 8080
	nonroot = 65532 // the user that images of Harmony run as

	secretDir = "/run/secrets/nats"
)

func (s Score) objects(reference string) []kube.Object {
	return []kube.Object{s.service(), s.deployment(reference)}
}

func (s Score) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: s.Name(), Labels: s.labels()}
}

func (s Score) labels() map[string]string {
	return map[string]string{"app.kubernetes.io/name": s.Name()}
}

func (s Score) service() *corev1.Service {
	return &corev1.Service{ObjectMeta: s.meta(), Spec: corev1.ServiceSpec{
		Selector: s.labels(),
		Ports:    []corev1.ServicePort{{Port: port, TargetPort: intstr.FromInt32(listen), Protocol: corev1.ProtocolTCP}},
	}}
}

func (s Score) deployment(reference string) *appsv1.Deployment {
	return &appsv1.Deployment{ObjectMeta: s.meta(), Spec: appsv1.DeploymentSpec{
		Replicas: new(int32(1)),
		Selector: &metav1.LabelSelector{MatchLabels: s.labels()},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: s.labels()}, Spec: s.pod(reference)},
	}}
}

// pod keeps to Pod Security "restricted", which a namespace that Harmony makes enforces.
func (s Score) pod(reference string) corev1.PodSpec {
	return corev1.PodSpec{
		AutomountServiceAccountToken: new(bool),
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: new(true), RunAsUser: new(int64(nonroot)), FSGroup: new(int64(nonroot)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{{
			Name: s.Name(), Image: reference,
			Args: []string{
				"--store=" + s.Store.URL(), "--nats=" + s.NATS.URL(),
				"--user=" + Publisher, "--password-file=" + secretDir + "/" + nats.PasswordKey,
			},
			Ports: []corev1.ContainerPort{{ContainerPort: listen, Protocol: corev1.ProtocolTCP}},
			ReadinessProbe: &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{
				HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromInt32(listen)},
			}},
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: resource.MustParse("24Mi")},
				Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("500m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
			},
			SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: new(bool), ReadOnlyRootFilesystem: new(true),
				Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			},
			VolumeMounts: []corev1.VolumeMount{{Name: "nats", MountPath: secretDir, ReadOnly: true}},
		}},
		Volumes: []corev1.Volume{{Name: "nats", VolumeSource: corev1.VolumeSource{
			Secret: &corev1.SecretVolumeSource{SecretName: s.NATS.Credential(Publisher).Secret, DefaultMode: new(int32(0o440))},
		}}},
	}
}
