// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"nationtech.io/harmony/score/nats/internal/conf"
)

func TestTheServersPodsAreRestrictedAndBounded(t *testing.T) {
	for _, o := range example().objects("image", conf.File{}, kept{}) {
		set, ok := o.(*appsv1.StatefulSet)
		if !ok {
			continue
		}
		spec := set.Spec.Template.Spec
		pod := spec.SecurityContext
		if !*pod.RunAsNonRoot || pod.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault || *spec.AutomountServiceAccountToken {
			t.Errorf("the Pod: %+v", pod)
		}
		for _, c := range spec.Containers {
			if s := c.SecurityContext; *s.AllowPrivilegeEscalation || !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(s.Capabilities.Add) > 0 {
				t.Errorf("container %s: %+v", c.Name, s)
			}
			for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				if c.Resources.Requests.Name(name, "").IsZero() || c.Resources.Limits.Name(name, "").IsZero() {
					t.Errorf("container %s has no request or limit of %s", c.Name, name)
				}
			}
		}
		return
	}
	t.Fatal("there is no StatefulSet")
}
