// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/score/nats"
)

const (
	calloutName = "harmony-fleet-callout"
	calloutKeys = "callout-keys"
	keysFile    = "keys"
	trustDir    = "/etc/harmony-fleet-trust"
	// The files in trustDir.
	natsAuthority     = "nats.pem"
	providerAuthority = "provider.pem"
)

func (s Callout) labels() map[string]string {
	return map[string]string{"app.kubernetes.io/name": calloutName, "app.kubernetes.io/instance": s.Name()}
}

func (s Callout) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.Namespace, Name: name, Labels: s.labels()}
}

// data are the files of trustDir.
func (t trust) data() map[string]string {
	files := map[string]string{}
	if t.nats != "" {
		files[natsAuthority] = t.nats
	}
	if t.provider != "" {
		files[providerAuthority] = t.provider
	}
	return files
}

func (s Callout) objects(image string, keys nats.CalloutKeys, facts identity.Facts, trusted trust) []kube.Object {
	wide := metav1.ObjectMeta{Name: calloutName + "-" + s.Namespace, Labels: s.labels()}
	sum := sha256.Sum256(fmt.Append(nil, trusted.data())) // fmt sorts maps by their keys
	subject := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: calloutName, Namespace: s.Namespace}}
	return []kube.Object{
		&corev1.ServiceAccount{ObjectMeta: s.meta(calloutName)},
		// Devices are of the whole cluster, and it looks at those of its fleet.
		&rbacv1.ClusterRole{ObjectMeta: wide, Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{"fleet.nationtech.io"}, Resources: []string{"devices"}, Verbs: []string{"list", "watch"}},
		}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: wide, Subjects: subject, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: wide.Name}},
		&rbacv1.Role{ObjectMeta: s.meta(calloutName), Rules: []rbacv1.PolicyRule{planeRule()}},
		&rbacv1.RoleBinding{ObjectMeta: s.meta(calloutName), Subjects: subject, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: calloutName}},
		&corev1.Secret{ObjectMeta: s.meta(calloutKeys), Data: map[string][]byte{keysFile: []byte(keys.Seeds.Reveal())}},
		&corev1.ConfigMap{ObjectMeta: s.meta(calloutName), Data: trusted.data()},
		&appsv1.Deployment{ObjectMeta: s.meta(calloutName), Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(s.replicas())), Selector: &metav1.LabelSelector{MatchLabels: s.labels()}, //nolint:gosec // a few
			Template: corev1.PodTemplateSpec{
				// It reads whom it trusts when it starts.
				ObjectMeta: metav1.ObjectMeta{Labels: s.labels(), Annotations: map[string]string{configAnnotation: hex.EncodeToString(sum[:8])}},
				Spec:       s.pod(image, facts, trusted),
			},
		}},
		&policyv1.PodDisruptionBudget{ObjectMeta: s.meta(calloutName), Spec: policyv1.PodDisruptionBudgetSpec{
			MaxUnavailable: new(intstr.FromInt32(1)), Selector: &metav1.LabelSelector{MatchLabels: s.labels()},
			// While NATS is away no callout is ready, and none is needed where it is.
			UnhealthyPodEvictionPolicy: new(policyv1.AlwaysAllow),
		}},
	}
}

func (s Callout) pod(image string, facts identity.Facts, trusted trust) corev1.PodSpec {
	args := []string{
		"--namespace", s.Namespace, "--issuer", facts.Issuer,
		"--nats-url", s.NATS.URL(), "--nats-user", calloutUser, "--nats-password-file", credentialsDir + "/" + nats.PasswordKey,
		"--keys", "/run/secrets/keys/" + keysFile, "--listen", fmt.Sprintf("0.0.0.0:%d", healthPort),
	}
	for _, flag := range []struct{ name, value string }{
		{"--device-claim", facts.DeviceClaim}, {"--roles-claim", facts.RolesClaim}, {"--audience", facts.Audience},
	} {
		if flag.value != "" {
			args = append(args, flag.name, flag.value)
		}
	}
	if trusted.nats != "" {
		args = append(args, "--nats-ca-file", trustDir+"/"+natsAuthority)
	}
	if trusted.provider != "" {
		args = append(args, "--issuer-ca-file", trustDir+"/"+providerAuthority)
	}
	return restricted(calloutName, corev1.Container{
		Name: "callout", Image: image, Args: args,
		Ports:          []corev1.ContainerPort{{Name: "health", ContainerPort: healthPort, Protocol: corev1.ProtocolTCP}},
		ReadinessProbe: probe("/readyz", 1), LivenessProbe: probe("/healthz", 10),
		Resources:    needs("20m", "32Mi", "2", "256Mi"),
		VolumeMounts: []corev1.VolumeMount{mount("credentials", credentialsDir), mount("keys", "/run/secrets/keys"), mount("trust", trustDir)},
	}, secretVolume("credentials", s.NATS.Credential(calloutUser).Secret), secretVolume("keys", calloutKeys), configVolume("trust", calloutName))
}
