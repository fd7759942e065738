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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"nationtech.io/harmony/capability/kube"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
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

func (s AgentPod) objects(image string, is credentials) ([]kube.Object, error) {
	config, err := s.config(is)
	if err != nil {
		return nil, err
	}
	files := is.trusts().data()
	files[agentFile] = string(config)
	sum := sha256.Sum256(fmt.Append(nil, files)) // fmt sorts maps by their keys
	objects := []kube.Object{
		&corev1.ServiceAccount{ObjectMeta: s.meta(), AutomountServiceAccountToken: new(bool)},
		&corev1.ConfigMap{ObjectMeta: s.meta(), Data: files},
		&appsv1.Deployment{ObjectMeta: s.meta(), Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(1)),
			Selector: &metav1.LabelSelector{MatchLabels: s.labels()},
			// Two Pods at once would be one device twice.
			Strategy: appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: s.labels(), Annotations: map[string]string{configAnnotation: hex.EncodeToString(sum[:8])}},
				Spec:       s.pod(image, is),
			},
		}},
	}
	if s.Identity != nil {
		objects = append(objects, s.enrolled())
	}
	return objects, nil
}

// enrolled is the device as the fleet knows it: a callout lets in whom it finds there. That it is online is for the smoke test to see.
func (s AgentPod) enrolled() kube.Object {
	return kube.WithReadiness(&fleet.Device{
		TypeMeta:   metav1.TypeMeta{APIVersion: fleet.GroupVersion.String(), Kind: "Device"},
		ObjectMeta: metav1.ObjectMeta{Name: s.Device.String(), Labels: s.labels()}, Spec: fleet.DeviceSpec{Fleet: s.Namespace},
	}, exists)
}

// config is the agent's configuration file, as package fleet/agent/config reads it.
func (s AgentPod) config(is credentials) ([]byte, error) {
	server := section{"urls": []string{s.NATS.URL()}}
	if is.trusts().nats != "" {
		server["ca_file"] = agentDir + "/" + natsAuthority
	}
	text, err := toml.Marshal(section{
		"device":          s.Device.String(),
		"runtime_enabled": false,
		"nats":            server,
		"credentials":     is.section(),
		"health":          section{"listen": fmt.Sprintf("0.0.0.0:%d", healthPort)},
		"log":             section{"format": "json"},
	})
	if err != nil {
		return nil, fmt.Errorf("encode the configuration of %s: %w", s.Name(), err)
	}
	return text, nil
}

func (s AgentPod) pod(image string, is credentials) corev1.PodSpec {
	spec := restricted(s.Name(), s.container(image), configVolume("config", s.Name()), secretVolume("credentials", is.secret()))
	spec.AutomountServiceAccountToken = new(bool)
	return spec
}

func (s AgentPod) container(image string) corev1.Container {
	field := func(name, path string) corev1.EnvVar {
		return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: path}}}
	}
	return corev1.Container{
		Name: "agent", Image: image,
		Env:            []corev1.EnvVar{{Name: "FLEET_AGENT_CONFIG", Value: agentDir + "/" + agentFile}, field("POD_UID", "metadata.uid")},
		Ports:          []corev1.ContainerPort{{Name: "health", ContainerPort: healthPort, Protocol: corev1.ProtocolTCP}},
		ReadinessProbe: probe("/readyz", 1), LivenessProbe: probe("/healthz", 10),
		Resources:    needs("10m", "24Mi", "500m", "64Mi"),
		VolumeMounts: []corev1.VolumeMount{mount("config", agentDir), mount("credentials", credentialsDir)},
	}
}

// probe asks the health port every period seconds.
func probe(path string, period int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("health")}},
		PeriodSeconds: period, FailureThreshold: 3, TimeoutSeconds: 2,
	}
}
