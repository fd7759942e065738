// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/pelletier/go-toml/v2"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/score/nats"
)

const (
	nonroot     = 65532 // the user that images of Harmony run as
	healthPort  = 8080
	stopSeconds = 10

	agentDir         = "/etc/harmony-fleet-agent"
	agentFile        = "agent.toml"
	credentialsDir   = "/run/secrets/nats"
	configAnnotation = "harmony.nationtech.io/config"
)

func (s AgentPod) labels() map[string]string {
	return map[string]string{"app.kubernetes.io/name": "harmony-fleet-agent", "app.kubernetes.io/instance": s.Name()}
}

func (s AgentPod) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.Namespace, Name: s.Name(), Labels: s.labels()}
}

func (s AgentPod) objects(image string) ([]kube.Object, error) {
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(config)
	return []kube.Object{
		&corev1.ServiceAccount{ObjectMeta: s.meta(), AutomountServiceAccountToken: new(bool)},
		&corev1.ConfigMap{ObjectMeta: s.meta(), Data: map[string]string{agentFile: string(config)}},
		&appsv1.Deployment{ObjectMeta: s.meta(), Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(1)),
			Selector: &metav1.LabelSelector{MatchLabels: s.labels()},
			// Two Pods at once would be one device twice.
			Strategy: appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: s.labels(), Annotations: map[string]string{configAnnotation: hex.EncodeToString(sum[:8])}},
				Spec:       s.pod(image),
			},
		}},
	}, nil
}

// config is the agent's configuration file, as package fleet/agent/config reads it.
func (s AgentPod) config() ([]byte, error) {
	type section = map[string]any
	text, err := toml.Marshal(section{
		"device":          s.Device.String(),
		"runtime_enabled": false,
		"nats":            section{"urls": []string{s.NATS.URL()}},
		"credentials":     section{"type": "user-pass", "user": s.NATS.Device(s.Device).User, "password_file": credentialsDir + "/" + nats.PasswordKey},
		"health":          section{"listen": fmt.Sprintf("0.0.0.0:%d", healthPort)},
		"log":             section{"format": "json"},
	})
	if err != nil {
		return nil, fmt.Errorf("encode the configuration of %s: %w", s.Name(), err)
	}
	return text, nil
}

func (s AgentPod) pod(image string) corev1.PodSpec {
	return corev1.PodSpec{
		ServiceAccountName: s.Name(), AutomountServiceAccountToken: new(bool),
		TerminationGracePeriodSeconds: new(int64(stopSeconds)),
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: new(true), RunAsUser: new(int64(nonroot)), RunAsGroup: new(int64(nonroot)), FSGroup: new(int64(nonroot)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{s.container(image)},
		Volumes: []corev1.Volume{
			{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: s.Name()}}}},
			{Name: "credentials", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{
				SecretName: s.NATS.Device(s.Device).Secret, DefaultMode: new(int32(0o440)),
			}}},
		},
	}
}

func (s AgentPod) container(image string) corev1.Container {
	field := func(name, path string) corev1.EnvVar {
		return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: path}}}
	}
	return corev1.Container{
		Name: "agent", Image: image, ImagePullPolicy: corev1.PullIfNotPresent,
		Env:            []corev1.EnvVar{{Name: "FLEET_AGENT_CONFIG", Value: agentDir + "/" + agentFile}, field("POD_UID", "metadata.uid")},
		Ports:          []corev1.ContainerPort{{Name: "health", ContainerPort: healthPort, Protocol: corev1.ProtocolTCP}},
		ReadinessProbe: probe("/readyz", 1), LivenessProbe: probe("/healthz", 10),
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: resource.MustParse("24Mi")},
			Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("500m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
		},
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: new(bool), ReadOnlyRootFilesystem: new(true), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
		VolumeMounts: []corev1.VolumeMount{{Name: "config", MountPath: agentDir, ReadOnly: true}, {Name: "credentials", MountPath: credentialsDir, ReadOnly: true}},
	}
}

// probe asks the health port every period seconds.
func probe(path string, period int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("health")}},
		PeriodSeconds: period, FailureThreshold: 3, TimeoutSeconds: 2,
	}
}
