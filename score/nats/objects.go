// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/score/nats/internal/conf"
)

// nonroot is the user that images of Harmony run as.
const nonroot = 65532

// stopSeconds is how long a server may take to close its streams.
const stopSeconds = 20

const restartAnnotation = "harmony.nationtech.io/restart"

func (s Score) headless() string   { return s.Name() + "-headless" }
func (s Score) configName() string { return s.Ref().config() }

func (s Score) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.Namespace, Name: name, Labels: s.labels()}
}

func (s Score) labels() map[string]string {
	return map[string]string{"app.kubernetes.io/name": "nats", "app.kubernetes.io/instance": s.Name()}
}

func (s Score) objects(image string, c conf.File, kept kept) []kube.Object {
	objects := []kube.Object{
		&corev1.ServiceAccount{ObjectMeta: s.meta(s.Name()), AutomountServiceAccountToken: new(bool)},
		s.configSecret(c, kept),
		s.clientService(), s.headlessService(), s.statefulSet(image, c),
	}
	if s.OutsidePort > 0 {
		objects = append(objects, s.outsideService())
	}
	// One of the servers may always be taken away: with three or five the cluster keeps its majority, and one
	// alone must not block the draining of its node.
	return append(objects, &policyv1.PodDisruptionBudget{ObjectMeta: s.meta(s.Name()), Spec: policyv1.PodDisruptionBudgetSpec{
		MaxUnavailable: new(intstr.FromInt32(1)), Selector: &metav1.LabelSelector{MatchLabels: s.labels()},
	}})
}

// configSecret is the servers' configuration, and their certificates beside it.
func (s Score) configSecret(c conf.File, kept kept) *corev1.Secret {
	data := map[string][]byte{configFile: []byte(c.Text.Reveal())}
	for name, text := range kept.files() {
		data[name] = []byte(text.Reveal())
	}
	return &corev1.Secret{ObjectMeta: s.meta(s.configName()), Data: data}
}

func (s Score) clientService() *corev1.Service {
	return &corev1.Service{ObjectMeta: s.meta(s.Name()), Spec: corev1.ServiceSpec{
		Selector: s.labels(), Ports: []corev1.ServicePort{port("client", clientPort)},
	}}
}

// outsideService is one of its own, so that what is in the cluster connects as before when it comes and goes.
func (s Score) outsideService() *corev1.Service {
	client := port("client", clientPort)
	client.NodePort = int32(s.OutsidePort) //nolint:gosec // checked
	return &corev1.Service{ObjectMeta: s.meta(s.Name() + "-outside"), Spec: corev1.ServiceSpec{
		Type: corev1.ServiceTypeNodePort, Selector: s.labels(), Ports: []corev1.ServicePort{client},
	}}
}

// headlessService gives each server a name of its own, before it is ready: servers find each other by it.
func (s Score) headlessService() *corev1.Service {
	return &corev1.Service{ObjectMeta: s.meta(s.headless()), Spec: corev1.ServiceSpec{
		Selector: s.labels(), ClusterIP: corev1.ClusterIPNone, PublishNotReadyAddresses: true,
		Ports: []corev1.ServicePort{port("client", clientPort), port("cluster", clusterPort), port("monitor", monitorPort)},
	}}
}

func port(name string, number int32) corev1.ServicePort {
	return corev1.ServicePort{Name: name, Port: number, TargetPort: intstr.FromString(name), Protocol: corev1.ProtocolTCP}
}

func (s Score) statefulSet(image string, c conf.File) *appsv1.StatefulSet {
	set := &appsv1.StatefulSet{ObjectMeta: s.meta(s.Name()), Spec: appsv1.StatefulSetSpec{
		Replicas: new(int32(s.replicas())), ServiceName: s.headless(),
		// Servers of a new cluster need each other to become ready.
		PodManagementPolicy:  appsv1.ParallelPodManagement,
		Selector:             &metav1.LabelSelector{MatchLabels: s.labels()},
		VolumeClaimTemplates: []corev1.PersistentVolumeClaim{s.claim()},
	}}
	set.Spec.Template = corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: s.labels(), Annotations: map[string]string{restartAnnotation: c.Restart}},
		Spec:       s.pod(image),
	}
	return set
}

func (s Score) claim() corev1.PersistentVolumeClaim {
	labels := s.inventory().DataLabels()
	maps.Copy(labels, s.labels())
	claim := corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data", Labels: labels}}
	claim.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: *resource.NewQuantity(s.bytes(), resource.BinarySI)}
	if s.Store.Class != "" {
		claim.Spec.StorageClassName = &s.Store.Class
	}
	return claim
}

func (s Score) pod(image string) corev1.PodSpec {
	return corev1.PodSpec{
		ServiceAccountName: s.Name(), AutomountServiceAccountToken: new(bool),
		TerminationGracePeriodSeconds: new(int64(stopSeconds)),
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: new(true), RunAsUser: new(int64(nonroot)), RunAsGroup: new(int64(nonroot)), FSGroup: new(int64(nonroot)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		TopologySpreadConstraints: []corev1.TopologySpreadConstraint{{
			MaxSkew: 1, TopologyKey: corev1.LabelHostname, WhenUnsatisfiable: corev1.ScheduleAnyway,
			LabelSelector: &metav1.LabelSelector{MatchLabels: s.labels()},
		}},
		Containers: []corev1.Container{s.container(image)},
		Volumes: []corev1.Volume{
			{Name: "config", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: s.configName(), DefaultMode: new(int32(0o440))}}},
			{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
		},
	}
}

func (s Score) container(image string) corev1.Container {
	return corev1.Container{
		Name: "nats", Image: image, ImagePullPolicy: corev1.PullIfNotPresent,
		Args: []string{"--config", configDir + "/" + configFile},
		Env:  []corev1.EnvVar{{Name: conf.PodName, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.name"}}}},
		Ports: []corev1.ContainerPort{
			{Name: "client", ContainerPort: clientPort, Protocol: corev1.ProtocolTCP},
			{Name: "cluster", ContainerPort: clusterPort, Protocol: corev1.ProtocolTCP},
			{Name: "monitor", ContainerPort: monitorPort, Protocol: corev1.ProtocolTCP},
		},
		ReadinessProbe: probe(aliveAlone, 1, 3),
		StartupProbe:   probe(aliveAlone, 1, 120),
		LivenessProbe:  probe("/healthz?js-enabled-only=true", 10, 6),
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("50m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
			Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("512Mi")},
		},
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: new(bool), ReadOnlyRootFilesystem: new(true), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
		VolumeMounts: []corev1.VolumeMount{
			{Name: "config", MountPath: configDir, ReadOnly: true}, {Name: "data", MountPath: dataDir}, {Name: "tmp", MountPath: "/tmp"},
		},
	}
}

// aliveAlone answers well as soon as a server takes clients, whether or not it has met another.
const aliveAlone = "/healthz?js-server-only=true"

// probe asks the monitoring port every period seconds.
func probe(path string, period, failures int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("monitor")}},
		PeriodSeconds: period, FailureThreshold: failures, TimeoutSeconds: 2,
	}
}
