// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestEachNodeSaysWhatItHasAndWhomItTurnsAway(t *testing.T) {
	w := worldOf(nil)
	for i := range mostNodes + 2 {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("n", i)}}
		n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
		n.Status.Allocatable = corev1.ResourceList{
			corev1.ResourceCPU: apiresource.MustParse("2"), corev1.ResourceMemory: apiresource.MustParse("3Gi"), corev1.ResourcePods: apiresource.MustParse("110"),
		}
		w.nodes[n.Name] = n
	}
	w.nodes["n1"].Spec = corev1.NodeSpec{Unschedulable: true, Taints: []corev1.Taint{
		{Key: "only", Value: "db", Effect: corev1.TaintEffectNoSchedule}, {Key: "rather", Value: "not", Effect: corev1.TaintEffectPreferNoSchedule},
	}}
	w.nodes["n2"].Status.Conditions[0].Status = corev1.ConditionUnknown
	got := w.offers()
	if len(got) != mostNodes+1 || got[mostNodes] != "and 2 nodes more" {
		t.Fatalf("got %q", got)
	}
	const has = " has cpu 2, memory 3Gi for all its Pods together, and room for 110 of them"
	for i, want := range []string{"Node/n0" + has, "Node/n1" + has + "; it is cordoned: it takes no new Pods; it takes only Pods that tolerate only=db:NoSchedule"} {
		if got[i] != want {
			t.Errorf("got  %s\nwant %s", got[i], want)
		}
	}
	if !strings.HasPrefix(got[2], "Node/n2"+has+"; ") {
		t.Errorf("a node that is away is told as if it were not: %s", got[2])
	}
}
