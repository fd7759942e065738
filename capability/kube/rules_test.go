// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"maps"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

func pointer[T any](v T) *T { return &v }

// meta is an object of generation 2, controlled by owner when there is one.
func object(name string, owner ...metav1.Object) metav1.ObjectMeta {
	m := metav1.ObjectMeta{Namespace: "ns", Name: name, UID: types.UID(name), Generation: 2}
	for _, o := range owner {
		m.OwnerReferences = append(m.OwnerReferences, metav1.OwnerReference{Name: o.GetName(), UID: o.GetUID(), Controller: pointer(true)})
	}
	return m
}

func podWith(name string, owner metav1.Object, status corev1.PodStatus) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: object(name), Spec: corev1.PodSpec{NodeName: "node"}, Status: status}
	if owner != nil {
		p.ObjectMeta = object(name, owner)
	}
	return p
}

func running(ready bool) corev1.PodStatus {
	status := corev1.ConditionFalse
	if ready {
		status = corev1.ConditionTrue
	}
	return corev1.PodStatus{
		Phase:             corev1.PodRunning,
		Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: status}},
		ContainerStatuses: []corev1.ContainerStatus{{Name: "main", Ready: ready, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}},
	}
}

func waitsFor(reason, message string, restarts int32) corev1.PodStatus {
	return corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{{
		Name: "main", RestartCount: restarts,
		State:                corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}},
		LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 3, Reason: "Error"}},
	}}}
}

var (
	web = &appsv1.Deployment{ObjectMeta: object("web")}
	set = &appsv1.ReplicaSet{ObjectMeta: object("web-2", web)}
	old = &appsv1.ReplicaSet{ObjectMeta: object("web-1", web)}
)

func rollout(status appsv1.DeploymentStatus) *appsv1.Deployment {
	d := web.DeepCopy()
	d.Annotations = map[string]string{revisionAnnotation: "2"}
	d.Spec.Replicas = pointer(int32(2))
	d.Status = status
	return d
}

func revision(rs *appsv1.ReplicaSet, n string) *appsv1.ReplicaSet {
	rs = rs.DeepCopy()
	rs.Annotations = map[string]string{revisionAnnotation: n}
	return rs
}

func replicas(observed int64, all, updated, available int32) appsv1.DeploymentStatus {
	return appsv1.DeploymentStatus{ObservedGeneration: observed, Replicas: all, UpdatedReplicas: updated, AvailableReplicas: available}
}

func claimOf(phase corev1.PersistentVolumeClaimPhase, class string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: object("data"), Spec: corev1.PersistentVolumeClaimSpec{StorageClassName: &class},
		Status: corev1.PersistentVolumeClaimStatus{Phase: phase},
	}
}

func class(mode storagev1.VolumeBindingMode) *storagev1.StorageClass {
	return &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "local"}, VolumeBindingMode: &mode}
}

func endpointsOf(ready bool) *discoveryv1.EndpointSlice {
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "web-x", Labels: map[string]string{discoveryv1.LabelServiceName: "web"}},
		Endpoints:  []discoveryv1.Endpoint{{Conditions: discoveryv1.EndpointConditions{Ready: &ready}}},
	}
}

func selecting(kind corev1.ServiceType) *corev1.Service {
	return &corev1.Service{ObjectMeta: object("web"), Spec: corev1.ServiceSpec{Type: kind, Selector: map[string]string{"app": "web"}}}
}

func widget(status map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "example.com/v1", "kind": "Widget",
		"metadata": map[string]any{"namespace": "ns", "name": "one", "generation": int64(2)}, "status": status,
	}}
}

func saying(kind, status string, observed int64) map[string]any {
	return map[string]any{"observedGeneration": observed, "conditions": []any{
		map[string]any{"type": kind, "status": status, "reason": "Because", "message": "of that"},
	}}
}

// A ruleCase is an object with others behind it, and what its rule says.
type ruleCase struct {
	object  Object
	behind  []Object
	state   state
	reason  string // is part of the reason
	trouble string
}

func TestRules(t *testing.T) {
	cases := workloadCases()
	maps.Copy(cases, podCases())
	maps.Copy(cases, otherCases())
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			all := append([]Object{c.object}, c.behind...)
			for _, o := range all {
				kind, err := kindOf(o)
				if err != nil {
					t.Fatal(err)
				}
				o.GetObjectKind().SetGroupVersionKind(kind)
			}
			ref := reference{c.object.GetObjectKind().GroupVersionKind(), c.object.GetNamespace(), c.object.GetName()}
			v := worldOf(all).assess(ref)
			if v.state != c.state || !strings.Contains(v.reason, c.reason) || v.trouble.name != c.trouble {
				t.Errorf("got state %d, reason %q, trouble %q", v.state, v.reason, v.trouble.name)
			}
			if v.state != ready && v.reason == "" {
				t.Error("it is not ready and does not say why")
			}
		})
	}
}

func unscheduled() corev1.PodStatus {
	return corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{
		Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: "0/1 nodes are available",
	}}}
}

func workloadCases() map[string]ruleCase {
	sts := func(status appsv1.StatefulSetStatus) *appsv1.StatefulSet {
		return &appsv1.StatefulSet{ObjectMeta: object("db"), Spec: appsv1.StatefulSetSpec{Replicas: pointer(int32(1))}, Status: status}
	}
	partitioned := sts(appsv1.StatefulSetStatus{ObservedGeneration: 2, Replicas: 1, ReadyReplicas: 1, AvailableReplicas: 1})
	partitioned.Spec.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{Partition: pointer(int32(1))}
	ds := func(status appsv1.DaemonSetStatus) *appsv1.DaemonSet {
		return &appsv1.DaemonSet{ObjectMeta: object("each"), Status: status}
	}
	once := func(kind batchv1.JobConditionType) *batchv1.Job {
		j := &batchv1.Job{ObjectMeta: object("once")}
		if kind != "" {
			j.Status.Conditions = []batchv1.JobCondition{{Type: kind, Status: corev1.ConditionTrue, Reason: "BackoffLimitExceeded", Message: "it failed"}}
		}
		return j
	}
	refusedPods := replicas(2, 0, 0, 0)
	refusedPods.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Message: "violates PodSecurity"}}
	before := podWith("db-0", sts(appsv1.StatefulSetStatus{}), waitsFor("CrashLoopBackOff", "", 7))
	before.Labels = map[string]string{appsv1.ControllerRevisionHashLabelKey: "db-1"}

	return map[string]ruleCase{
		"Deployment that is available":           {object: rollout(replicas(2, 2, 2, 2)), state: ready},
		"Deployment that was not seen yet":       {object: rollout(replicas(1, 2, 2, 2)), reason: "not seen it yet"},
		"Deployment in the middle of a rollout":  {object: rollout(replicas(2, 3, 2, 2)), reason: "1 of the old revision still there"},
		"Deployment with an old revision only":   {object: rollout(replicas(2, 2, 0, 2)), reason: "2 of 2 replicas available, 0 of the new revision"},
		"Deployment whose Pods are not admitted": {object: rollout(refusedPods), state: bad, reason: "violates PodSecurity", trouble: podsDenied.name},
		"Deployment shows the cause of its Pod": {
			object: rollout(replicas(2, 2, 2, 0)), behind: []Object{revision(set, "2"), podWith("a", set, waitsFor("ImagePullBackOff", "not found", 0))},
			state: bad, reason: "ImagePullBackOff: not found", trouble: imageMissing.name,
		},
		"Deployment does not show what an old Pod suffers": {
			object: rollout(replicas(2, 3, 2, 1)), behind: []Object{revision(set, "2"), revision(old, "1"), podWith("a", old, waitsFor("ImagePullBackOff", "", 0)), podWith("b", set, running(false))},
			reason: "Pod/b, container main: it runs; its readiness probe has not passed yet",
		},
		"ReplicaSet that is available":                          {object: &appsv1.ReplicaSet{ObjectMeta: object("rs"), Status: appsv1.ReplicaSetStatus{ObservedGeneration: 2, Replicas: 1, AvailableReplicas: 1}}, state: ready},
		"StatefulSet that is ready":                             {object: sts(appsv1.StatefulSetStatus{ObservedGeneration: 2, Replicas: 1, ReadyReplicas: 1, AvailableReplicas: 1, UpdatedReplicas: 1}), state: ready},
		"StatefulSet with an old Pod":                           {object: sts(appsv1.StatefulSetStatus{ObservedGeneration: 2, Replicas: 1, ReadyReplicas: 1, AvailableReplicas: 1}), reason: "0 of the new revision"},
		"StatefulSet behind a partition is ready with old Pods": {object: partitioned, state: ready},
		"StatefulSet whose Pod no node takes": {
			object: sts(appsv1.StatefulSetStatus{ObservedGeneration: 2, Replicas: 1}), behind: []Object{podWith("db-0", sts(appsv1.StatefulSetStatus{}), unscheduled())},
			state: bad, reason: "0/1 nodes are available", trouble: unschedulable.name,
		},
		"StatefulSet is not judged by a Pod of its old revision": {
			object: sts(appsv1.StatefulSetStatus{ObservedGeneration: 2, Replicas: 1, UpdateRevision: "db-2"}), behind: []Object{before},
			state: bad, reason: "Pod/db-0 of the old revision is still there: it crashed 7 times", trouble: stuckRevision.name,
		},
		"DaemonSet on every node": {object: ds(appsv1.DaemonSetStatus{ObservedGeneration: 2, DesiredNumberScheduled: 3, UpdatedNumberScheduled: 3, NumberAvailable: 3}), state: ready},
		"DaemonSet on some nodes": {object: ds(appsv1.DaemonSetStatus{ObservedGeneration: 2, DesiredNumberScheduled: 3, UpdatedNumberScheduled: 3, NumberAvailable: 1}), reason: "1 of 3 nodes"},
		"Job that runs":           {object: once(""), reason: "0 of 1 completions"},
		"Job that is complete":    {object: once(batchv1.JobComplete), state: ready},
		"Job that failed":         {object: once(batchv1.JobFailed), state: bad, reason: "BackoffLimitExceeded", trouble: unsuccessful.name},
		"Job that is suspended":   {object: once(batchv1.JobSuspended), reason: "suspended"},
	}
}

func podCases() map[string]ruleCase {
	deleting := podWith("a", nil, running(true))
	deleting.DeletionTimestamp = &metav1.Time{}
	killed := waitsFor("CrashLoopBackOff", "", 2)
	killed.ContainerStatuses[0].LastTerminationState.Terminated.Reason = "OOMKilled"
	initial := corev1.PodStatus{Phase: corev1.PodPending, InitContainerStatuses: waitsFor("ErrImagePull", "no such host", 0).ContainerStatuses,
		ContainerStatuses: waitsFor("PodInitializing", "", 0).ContainerStatuses}
	restarted := running(true)
	restarted.ContainerStatuses[0].RestartCount = 9

	return map[string]ruleCase{
		"Pod that is ready":                     {object: podWith("a", nil, running(true)), state: ready},
		"Pod that once crashed often":           {object: podWith("a", nil, restarted), state: ready},
		"Pod that is not ready yet":             {object: podWith("a", nil, running(false)), reason: "readiness probe"},
		"Pod that is being deleted":             {object: deleting, reason: "being deleted"},
		"Pod that is being created":             {object: podWith("a", nil, waitsFor("ContainerCreating", "", 0)), reason: "being created"},
		"Pod that ended well":                   {object: podWith("a", nil, corev1.PodStatus{Phase: corev1.PodSucceeded}), state: ready},
		"Pod that was evicted":                  {object: podWith("a", nil, corev1.PodStatus{Phase: corev1.PodFailed, Message: "low on memory"}), state: bad, reason: "low on memory", trouble: unsuccessful.name},
		"Pod that no node takes":                {object: podWith("a", nil, unscheduled()), state: bad, reason: "0/1 nodes", trouble: unschedulable.name},
		"Pod whose image may not be pulled":     {object: podWith("a", nil, waitsFor("ErrImageNeverPull", "not present", 0)), state: bad, reason: "not present", trouble: imageMissing.name},
		"Pod whose init container waits":        {object: podWith("a", nil, initial), state: bad, reason: "no such host", trouble: registryUnreachable.name},
		"Pod that lacks a Secret":               {object: podWith("a", nil, waitsFor("CreateContainerConfigError", `secret "a" not found`, 0)), state: bad, reason: `secret "a" not found`, trouble: missingReference.name},
		"Pod that crashed twice may still heal": {object: podWith("a", nil, waitsFor("CrashLoopBackOff", "", 2)), reason: "it crashed 2 times: exit code 3"},
		"Pod that crashed three times":          {object: podWith("a", nil, waitsFor("CrashLoopBackOff", "", 3)), state: bad, reason: "exit code 3", trouble: crashLoop.name},
		"Pod that was killed for memory twice":  {object: podWith("a", nil, killed), state: bad, reason: "killed for memory", trouble: outOfMemory.name},
	}
}

func otherCases() map[string]ruleCase {
	using := podWith("a", nil, corev1.PodStatus{})
	using.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}}}
	taken := &apiextensionsv1.CustomResourceDefinition{ObjectMeta: object("x"), Status: apiextensionsv1.CustomResourceDefinitionStatus{
		Conditions: []apiextensionsv1.CustomResourceDefinitionCondition{{Type: apiextensionsv1.NamesAccepted, Status: apiextensionsv1.ConditionFalse, Message: "Widget is taken"}},
	}}
	served := taken.DeepCopy()
	served.Status.Conditions = []apiextensionsv1.CustomResourceDefinitionCondition{{Type: apiextensionsv1.Established, Status: apiextensionsv1.ConditionTrue}}

	return map[string]ruleCase{
		"Service with a ready Pod":                 {object: selecting(corev1.ServiceTypeClusterIP), behind: []Object{endpointsOf(true)}, state: ready},
		"Service with a Pod that is not ready":     {object: selecting(corev1.ServiceTypeClusterIP), behind: []Object{endpointsOf(false)}, reason: "no ready Pod"},
		"Service without a selector":               {object: &corev1.Service{ObjectMeta: object("web")}, state: ready},
		"Service that is a name elsewhere":         {object: selecting(corev1.ServiceTypeExternalName), state: ready},
		"claim with a volume":                      {object: claimOf(corev1.ClaimBound, "local"), state: ready},
		"claim whose volume is lost":               {object: claimOf(corev1.ClaimLost, "local"), state: bad, trouble: volumeLost.name},
		"claim that waits for a provisioner":       {object: claimOf(corev1.ClaimPending, "local"), behind: []Object{class(storagev1.VolumeBindingImmediate)}, reason: "storage class local"},
		"claim that no Pod uses yet":               {object: claimOf(corev1.ClaimPending, "local"), behind: []Object{class(storagev1.VolumeBindingWaitForFirstConsumer)}, state: ready},
		"claim that a Pod waits for":               {object: claimOf(corev1.ClaimPending, "local"), behind: []Object{class(storagev1.VolumeBindingWaitForFirstConsumer), using}, reason: "no volume"},
		"Namespace that is active":                 {object: &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "x"}, Status: corev1.NamespaceStatus{Phase: corev1.NamespaceActive}}, state: ready},
		"definition that is served":                {object: served, state: ready},
		"definition whose names are taken":         {object: taken, state: bad, reason: "Widget is taken", trouble: nameConflict.name},
		"PodDisruptionBudget that was counted":     {object: &policyv1.PodDisruptionBudget{ObjectMeta: object("web"), Status: policyv1.PodDisruptionBudgetStatus{ObservedGeneration: 2}}, state: ready},
		"PodDisruptionBudget that nobody has seen": {object: &policyv1.PodDisruptionBudget{ObjectMeta: object("web")}, reason: "not seen it yet"},
		"custom object that says Ready":            {object: widget(saying("Ready", "True", 2)), state: ready},
		"custom object that says it is not":        {object: widget(saying("Ready", "False", 2)), reason: "Because of that"},
		"custom object with an old status":         {object: widget(saying("Ready", "True", 1)), reason: "not seen it yet"},
		"custom object that says nothing":          {object: widget(nil), state: bad, reason: "no condition", trouble: unjudged.name},
		"kind without a rule":                      {object: &storagev1.CSIDriver{ObjectMeta: metav1.ObjectMeta{Name: "x"}}, state: bad, reason: "no rule", trouble: unjudged.name},
	}
}

func TestAMissingObjectIsNotReady(t *testing.T) {
	v := worldOf(nil).assess(reference{podKind, "ns", "a"})
	if v.state != notYet || !strings.Contains(v.reason, "deleted it") {
		t.Errorf("got %+v", v)
	}
}

func TestNoGraceIsShorterThanTheKubeletsRetry(t *testing.T) {
	for _, tr := range []trouble{imageMissing, registryUnreachable, imageNotAllowed, missingReference, badConfiguration, cannotRun, volumeUnmounted} {
		if tr.grace < 15*time.Second {
			t.Errorf("%s counts after %s: the kubelet has not tried twice by then", tr.name, tr.grace)
		}
	}
}

func TestCrashesBeforeTheWaitBeganDoNotEndIt(t *testing.T) {
	p := podWith("a", nil, waitsFor("CrashLoopBackOff", "", 9))
	for name, c := range map[string]struct {
		before int32
		want   string
	}{
		"all nine since": {0, crashLoop.name}, "three since": {6, crashLoop.name}, "two since": {7, oldCrashLoop.name}, "none since": {9, oldCrashLoop.name},
	} {
		w := &world{began: crashes{p.UID: {"main": c.before}}}
		if v := pod(p, w); v.state != bad || v.trouble.name != c.want {
			t.Errorf("%s: got %+v", name, v)
		}
	}
	if oldCrashLoop.grace < time.Minute {
		t.Error("what crashed before has no time to try again")
	}
}
