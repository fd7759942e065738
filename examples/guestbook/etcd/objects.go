// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package etcd

import (
	"fmt"
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"nationtech.io/harmony/capability/kube"
)

const (
	port         = 2379
	dataDir      = "/data"
	defaultBytes = 1 << 30
	nonroot      = 65532 // the user that images of Harmony run as
)

func (s Score) objects(reference string) []kube.Object {
	return []kube.Object{s.service(), s.statefulSet(reference)}
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
		Ports:    []corev1.ServicePort{{Port: port, TargetPort: intstr.FromInt32(port), Protocol: corev1.ProtocolTCP}},
	}}
}

func (s Score) statefulSet(reference string) *appsv1.StatefulSet {
	return &appsv1.StatefulSet{ObjectMeta: s.meta(), Spec: appsv1.StatefulSetSpec{
		Replicas: new(int32(1)), ServiceName: s.Name(),
		Selector:             &metav1.LabelSelector{MatchLabels: s.labels()},
		Template:             corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: s.labels()}, Spec: s.pod(reference)},
		VolumeClaimTemplates: []corev1.PersistentVolumeClaim{s.claim()},
	}}
}

// claim is marked as data: it is kept when the server is removed, and listed.
func (s Score) claim() corev1.PersistentVolumeClaim {
	labels := s.inventory().DataLabels()
	maps.Copy(labels, s.labels())
	claim := corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data", Labels: labels}}
	claim.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: *resource.NewQuantity(s.bytes(), resource.BinarySI)}
	return claim
}

func (s Score) bytes() int64 {
	if s.Bytes == 0 {
		return defaultBytes
	}
	return s.Bytes
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
			Name: s.Name(), Image: reference, Args: s.args(),
			Ports: []corev1.ContainerPort{{ContainerPort: port, Protocol: corev1.ProtocolTCP}},
			ReadinessProbe: &corev1.Probe{PeriodSeconds: 1, TimeoutSeconds: 2, ProbeHandler: corev1.ProbeHandler{
				HTTPGet: &corev1.HTTPGetAction{Path: "/readyz", Port: intstr.FromInt32(port)},
			}},
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("50m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
				Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("512Mi")},
			},
			SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: new(bool), ReadOnlyRootFilesystem: new(true),
				Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			},
			VolumeMounts: []corev1.VolumeMount{{Name: "data", MountPath: dataDir}},
		}},
	}
}

func (s Score) args() []string {
	return []string{
		"--data-dir=" + dataDir + "/etcd",
		fmt.Sprintf("--listen-client-urls=http://0.0.0.0:%d", port),
		"--advertise-client-urls=" + s.Ref().URL(),
		"--listen-peer-urls=http://127.0.0.1:2380", // it is alone
		// Half of the volume is left for the log of writes and for what a compaction needs.
		fmt.Sprintf("--quota-backend-bytes=%d", s.bytes()/2),
		"--auto-compaction-retention=1h",
	}
}
