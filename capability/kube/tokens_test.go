// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"nationtech.io/harmony/capability/kube"
)

func TestPodsWhoseServiceAccountWasDeletedAreReplacedIfTheyHaveItsToken(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	objects := []kube.Object{&corev1.ServiceAccount{ObjectMeta: named("known")}}
	for name, mounts := range map[string]*bool{"asks": nil, "silent": pointer(false)} {
		d := deployment(name, echo(subject(t)))
		d.Spec.Template.Spec.ServiceAccountName, d.Spec.Template.Spec.AutomountServiceAccountToken = "known", mounts
		d.Spec.Selector.MatchLabels = map[string]string{"app": name}
		d.Spec.Template.Labels = d.Spec.Selector.MatchLabels
		objects = append(objects, d)
	}
	apply(t, c.Client, in, objects...)
	pod := func(of string) types.UID {
		pods, err := c.Pods(t.Context(), in.Namespace, map[string]string{"app": of})
		if err != nil || len(pods) != 1 {
			t.Fatalf("%d Pods of %s: %v", len(pods), of, err)
		}
		return pods[0].UID
	}
	asks, silent := pod("asks"), pod("silent")
	fatal(t, c.stranger.CoreV1().ServiceAccounts(in.Namespace).Delete(t.Context(), "known", metav1.DeleteOptions{}))
	if changes := apply(t, c.Client, in, objects...); len(changes) != 1 || changes[0].Object != "ServiceAccount/known" {
		t.Errorf("changed %v", changes)
	}
	if pod("asks") == asks {
		t.Error("the Pod with a token is the one that was there before")
	}
	if pod("silent") != silent {
		t.Error("the Pod without a token was replaced")
	}
	asks = pod("asks")
	if apply(t, c.Client, in, objects...); pod("asks") != asks {
		t.Error("a further deploy has replaced the Pod once more")
	}
}
