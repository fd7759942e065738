// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package victim

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const nobody = 65532

// pod keeps to Pod Security "restricted" unless it is asked not to.
func (s Score) pod(reference string) corev1.PodSpec {
	spec := corev1.PodSpec{
		AutomountServiceAccountToken:  new(false),
		ServiceAccountName:            s.Account,
		TerminationGracePeriodSeconds: new(int64(1)),
		NodeSelector:                  s.Nodes,
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: new(true), RunAsUser: new(int64(nobody)), FSGroup: new(int64(nobody)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{s.container(reference)},
		Volumes:    s.volumes(),
	}
	if s.Apart {
		spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{
				LabelSelector: &metav1.LabelSelector{MatchLabels: s.labels()}, TopologyKey: corev1.LabelHostname,
			}},
		}}
	}
	return spec
}

func (s Score) container(reference string) corev1.Container {
	args := s.Args
	if len(args) == 0 && len(s.Command) == 0 {
		args = []string{"serve"}
	}
	c := corev1.Container{
		Name: "main", Image: reference, Command: s.Command, Args: args, ImagePullPolicy: corev1.PullIfNotPresent,
		Ports: []corev1.ContainerPort{{ContainerPort: port, HostPort: s.HostPort, Protocol: corev1.ProtocolTCP}},
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse(orElse(s.CPU, "5m")), corev1.ResourceMemory: resource.MustParse(orElse(s.Memory, "16Mi")),
			},
		},
		SecurityContext: &corev1.SecurityContext{
			Privileged: new(s.Privileged), AllowPrivilegeEscalation: new(s.Privileged),
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
		VolumeMounts: s.mounts(),
	}
	if s.Memory == "" {
		c.Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(orElse(s.MemoryMax, "64Mi"))}
	}
	s.probe(&c)
	if s.SecretName != "" {
		c.Env = []corev1.EnvVar{{Name: "TOKEN", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: s.SecretName}, Key: orElse(s.SecretKey, "token"),
		}}}}
	}
	return c
}

func (s Score) probe(c *corev1.Container) {
	ready := s.ReadyPort
	if ready == 0 {
		ready = port
	}
	if !s.Unprobed {
		c.ReadinessProbe = &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{
			HTTPGet: &corev1.HTTPGetAction{Path: orElse(s.ReadyPath, "/"), Port: intstr.FromInt32(ready)},
		}}
	}
	if s.AlivePort != 0 {
		c.LivenessProbe = &corev1.Probe{PeriodSeconds: 1, FailureThreshold: 2, ProbeHandler: corev1.ProbeHandler{
			TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(s.AlivePort)},
		}}
	}
}

func (s Score) mounts() []corev1.VolumeMount {
	all := []corev1.VolumeMount{{Name: "runs", MountPath: "/var/run/victim"}}
	for _, v := range s.volumes()[1:] {
		all = append(all, corev1.VolumeMount{Name: v.Name, MountPath: "/etc/" + v.Name})
	}
	return all
}

func (s Score) volumes() []corev1.Volume {
	all := []corev1.Volume{{Name: "runs", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}
	if s.ConfigName != "" {
		all = append(all, corev1.Volume{Name: "victim", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: s.ConfigName},
		}}})
	}
	if s.Driver != "" {
		all = append(all, corev1.Volume{Name: "driven", VolumeSource: corev1.VolumeSource{CSI: &corev1.CSIVolumeSource{Driver: s.Driver}}})
	}
	if s.Class != "" {
		all = append(all, corev1.Volume{Name: "claimed", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: s.Name()},
		}})
	}
	return all
}
