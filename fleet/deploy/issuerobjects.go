// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"nationtech.io/harmony/capability/kube"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/score/authority"
)

const (
	issuerName = "harmony-fleet-issuer"
	issuerPort = 8088
	// issuerAdminPort is on the Pod's loopback: a port-forward is the only way there.
	issuerAdminPort = 8089

	issuerAdmin      = "issuer-admin"
	issuerAdminToken = "token"
	issuerTLS        = "issuer-tls"
	authorityFile    = "ca.crt"
	machinesFile     = "machines.json"

	issuerData   = "/var/lib/harmony-fleet-issuer"
	issuerConfig = "/etc/harmony-fleet-issuer"
)

func (s Issuer) labels() map[string]string {
	return map[string]string{"app.kubernetes.io/name": issuerName, "app.kubernetes.io/instance": s.Name()}
}

func (s Issuer) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.Namespace, Name: name, Labels: s.labels()}
}

func (s Issuer) objects(image string, machines []machine, pair authority.Pair) ([]kube.Object, error) {
	list, err := declared(machines)
	if err != nil {
		return nil, err
	}
	objects := []kube.Object{
		&corev1.ServiceAccount{ObjectMeta: s.meta(issuerName)},
		&rbacv1.Role{ObjectMeta: s.meta(issuerName), Rules: []rbacv1.PolicyRule{planeRule()}},
		&rbacv1.RoleBinding{
			ObjectMeta: s.meta(issuerName), RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: issuerName},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: issuerName, Namespace: s.Namespace}},
		},
		&corev1.ConfigMap{ObjectMeta: s.meta(issuerName), Data: map[string]string{machinesFile: list}},
		&corev1.Secret{ObjectMeta: s.meta(issuerTLS), Data: map[string][]byte{
			"tls.crt": []byte(pair.Certificate), "tls.key": []byte(pair.Key.Reveal()), authorityFile: []byte(pair.Authority),
		}},
		&corev1.Service{ObjectMeta: s.meta(issuerName), Spec: corev1.ServiceSpec{Selector: s.labels(), Ports: []corev1.ServicePort{servicePort(0)}}},
		s.statefulSet(image, list),
	}
	for _, m := range machines {
		objects = append(objects, &corev1.Secret{ObjectMeta: s.meta(machineSecret(m.id)), Data: map[string][]byte{identity.KeyFile: []byte(m.private.Reveal())}})
	}
	if s.OutsidePort > 0 {
		objects = append(objects, &corev1.Service{ObjectMeta: s.meta(issuerName + "-outside"), Spec: corev1.ServiceSpec{
			Type: corev1.ServiceTypeNodePort, Selector: s.labels(), Ports: []corev1.ServicePort{servicePort(s.OutsidePort)},
		}})
	}
	return objects, nil
}

// planeRule lets someone see which control plane the fleet has: it is the UID of its FleetState.
func planeRule() rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{fleet.GroupVersion.Group}, Resources: []string{"fleetstates"}, ResourceNames: []string{fleet.FleetStateName}, Verbs: []string{"get"}}
}

func servicePort(node int) corev1.ServicePort {
	return corev1.ServicePort{Name: "https", Port: issuerPort, TargetPort: intstr.FromString("https"), Protocol: corev1.ProtocolTCP, NodePort: int32(node)} //nolint:gosec // checked
}

// statefulSet is one Pod with its volume: there is one issuer to a registry.
func (s Issuer) statefulSet(image, machines string) *appsv1.StatefulSet {
	claim := corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data", Labels: s.inventory().DataLabels()}}
	claim.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("256Mi")}
	sum := sha256.Sum256([]byte(machines))
	return &appsv1.StatefulSet{ObjectMeta: s.meta(issuerName), Spec: appsv1.StatefulSetSpec{
		Replicas: new(int32(1)), ServiceName: issuerName, Selector: &metav1.LabelSelector{MatchLabels: s.labels()},
		VolumeClaimTemplates: []corev1.PersistentVolumeClaim{claim},
		Template: corev1.PodTemplateSpec{
			// It reads which machines there are when it starts.
			ObjectMeta: metav1.ObjectMeta{Labels: s.labels(), Annotations: map[string]string{configAnnotation: hex.EncodeToString(sum[:8])}},
			Spec: restricted(issuerName, s.container(image),
				secretVolume("admin", issuerAdmin), secretVolume("tls", issuerTLS, "tls.crt", "tls.key"), configVolume("config", issuerName)),
		},
	}}
}

func (s Issuer) container(image string) corev1.Container {
	check := func(path string, period int32) *corev1.Probe {
		p := probe(path, period)
		p.HTTPGet.Port, p.HTTPGet.Scheme = intstr.FromString("https"), corev1.URISchemeHTTPS
		return p
	}
	return corev1.Container{
		Name: "issuer", Image: image,
		Args: []string{
			"serve", "--url", s.Ref().url(), "--namespace", s.Namespace, "--registry", issuerData + "/registry",
			"--listen", fmt.Sprintf("0.0.0.0:%d", issuerPort), "--admin-listen", fmt.Sprintf("127.0.0.1:%d", issuerAdminPort),
			"--tls-cert", "/run/secrets/tls/tls.crt", "--tls-key", "/run/secrets/tls/tls.key",
			"--admin-token-file", "/run/secrets/admin/" + issuerAdminToken, "--machines", issuerConfig + "/" + machinesFile,
		},
		Ports:          []corev1.ContainerPort{{Name: "https", ContainerPort: issuerPort, Protocol: corev1.ProtocolTCP}},
		ReadinessProbe: check("/readyz", 1), LivenessProbe: check("/healthz", 10),
		Resources: needs("10m", "32Mi", "1", "256Mi"),
		VolumeMounts: []corev1.VolumeMount{
			{Name: "data", MountPath: issuerData}, mount("admin", "/run/secrets/admin"), mount("tls", "/run/secrets/tls"), mount("config", issuerConfig),
		},
	}
}
