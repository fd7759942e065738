// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony/capability/kube"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/score/nats"
)

const (
	metricsPort = 8081
	apiPort     = 8443 // on the Pod's loopback: a port-forward is the only way there
	kickerDir   = "/run/secrets/kicker"
)

func (s Operator) labels() map[string]string {
	return map[string]string{"app.kubernetes.io/name": "harmony-fleet-operator", "app.kubernetes.io/instance": s.Name()}
}

func (s Operator) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.Namespace, Name: "harmony-fleet-operator", Labels: s.labels()}
}

func (s Operator) objects(image string) []kube.Object {
	replicas := int32(max(s.Replicas, 1))
	all := append([]kube.Object{&corev1.ServiceAccount{ObjectMeta: s.meta()}}, s.rights()...)
	all = append(all, s.peoples()...)
	return append(all, reported(s.fleet()), s.election(), &appsv1.Deployment{ObjectMeta: s.meta(), Spec: appsv1.DeploymentSpec{
		Replicas: &replicas,
		Selector: &metav1.LabelSelector{MatchLabels: s.labels()},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: s.labels()}, Spec: s.pod(image)},
	}})
}

// fleet is the fleet itself. Its epoch is left to people, and what is not granted here is not matched.
func (s Operator) fleet() *fleet.FleetState {
	grants := s.Grants
	if len(grants) == 0 {
		grants = []fleet.Grant{{Namespace: s.Namespace}}
	}
	probes := metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: fleet.ProbeLabel, Operator: metav1.LabelSelectorOpExists}}}
	f := &fleet.FleetState{
		TypeMeta:   metav1.TypeMeta{APIVersion: fleet.GroupVersion.String(), Kind: "FleetState"},
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: fleet.FleetStateName, Labels: s.labels()},
		Spec:       fleet.FleetStateSpec{Grants: append(grants[:len(grants):len(grants)], fleet.Grant{Namespace: s.Namespace, Devices: probes})},
	}
	for name, value := range s.inventory().DataLabels() {
		f.Labels[name] = value // devices obey its UID
	}
	return f
}

// election is the Lease that the operator which leads holds. It is made here, so that it goes with the operator.
func (s Operator) election() *coordinationv1.Lease {
	return &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: fleet.LeaderLease, Labels: s.labels()}}
}

func (s Operator) pod(image string) corev1.PodSpec {
	volumes := []corev1.Volume{
		secretVolume("credentials", s.NATS.Credential(operatorUser).Secret), secretVolume("kicker", s.NATS.Credential(kickerUser).Secret),
	}
	container := corev1.Container{
		Name: "operator", Image: image,
		Args: []string{
			"--namespace", s.Namespace, "--deployments-in", strings.Join(s.namespaces(), ","),
			"--nats-url", s.NATS.URL(), "--nats-user", operatorUser, "--nats-password-file", credentialsDir + "/" + nats.PasswordKey,
			"--kick-nats-user", kickerUser, "--kick-nats-password-file", kickerDir + "/" + nats.PasswordKey,
			"--nats-replicas", strconv.Itoa(max(s.NATSReplicas, 1)),
			"--health-listen", fmt.Sprintf("0.0.0.0:%d", healthPort), "--metrics-listen", fmt.Sprintf("0.0.0.0:%d", metricsPort),
			"--api-listen", fmt.Sprintf("127.0.0.1:%d", apiPort),
		},
		Env: []corev1.EnvVar{{Name: "POD_NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.name"}}}},
		Ports: []corev1.ContainerPort{
			{Name: "health", ContainerPort: healthPort, Protocol: corev1.ProtocolTCP},
			{Name: "metrics", ContainerPort: metricsPort, Protocol: corev1.ProtocolTCP},
		},
		ReadinessProbe: probe("/readyz", 1), LivenessProbe: probe("/healthz", 10),
		Resources:    needs("20m", "64Mi", "2", "512Mi"),
		VolumeMounts: []corev1.VolumeMount{mount("credentials", credentialsDir), mount("kicker", kickerDir)},
	}
	if authority := s.NATS.Login(operatorUser).Authority; authority.Secret != "" {
		container.Args = append(container.Args, "--nats-ca-file", trustDir+"/"+authority.Key)
		container.VolumeMounts = append(container.VolumeMounts, mount("trust", trustDir))
		volumes = append(volumes, secretVolume("trust", authority.Secret, authority.Key))
	}
	return restricted(s.meta().Name, container, volumes...)
}

// rights are what the operator may do: Deployments of its namespaces, its own FleetState and Lease, and the Devices of the cluster,
// of which it looks at its fleet's only.
func (s Operator) rights() []kube.Object {
	const group = "fleet.nationtech.io"
	rule := func(group, kind string, verbs ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{kind}, Verbs: verbs}
	}
	wide := metav1.ObjectMeta{Name: "harmony-fleet-operator-" + s.Namespace, Labels: s.labels()}
	subject := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: s.meta().Name, Namespace: s.Namespace}}
	all := []kube.Object{
		&rbacv1.ClusterRole{ObjectMeta: wide, Rules: []rbacv1.PolicyRule{
			rule(group, "devices", "get", "list", "watch"), rule(group, "devices/status", "patch"),
			rule("authentication.k8s.io", "tokenreviews", "create"), rule("authorization.k8s.io", "subjectaccessreviews", "create"), // of people who ask
		}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: wide, Subjects: subject, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: wide.Name}},
		// The API server says there which authority signs the certificates of clients, and makes the Role itself.
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: wide.Name, Labels: s.labels()}, Subjects: subject,
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "extension-apiserver-authentication-reader"}},
	}
	for _, namespace := range s.namespaces() {
		meta := s.meta()
		meta.Namespace, meta.Name = namespace, wide.Name
		rules := []rbacv1.PolicyRule{
			rule(group, "deployments", "get", "list", "watch", "patch"), rule(group, "deployments/status", "patch"),
			rule(group, "releases", "create", "list", "delete"), rule("events.k8s.io", "events", "create", "patch"),
		}
		if namespace == s.Namespace {
			rules = append(rules, rule(group, "fleetstates", "get", "list", "watch"), rule(group, "fleetstates/status", "update", "patch"),
				rule("coordination.k8s.io", "leases", "get", "update"), rule("", "events", "create", "patch")) // of the election
		}
		all = append(all, &rbacv1.Role{ObjectMeta: meta, Rules: rules},
			&rbacv1.RoleBinding{ObjectMeta: meta, Subjects: subject, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: meta.Name}})
	}
	return all
}
