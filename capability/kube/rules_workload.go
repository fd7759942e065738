// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	extensionsv1beta1 "k8s.io/api/extensions/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const revisionAnnotation = "deployment.kubernetes.io/revision"

func deployment(d *appsv1.Deployment, w *world) verdict {
	want := count(d.Spec.Replicas)
	s := d.Status
	switch {
	case s.ObservedGeneration < d.Generation:
		return waits("its controller has not seen it yet")
	case s.UpdatedReplicas == want && s.Replicas == want && s.AvailableReplicas == want:
		return isReady()
	}
	for _, c := range s.Conditions {
		if c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue {
			return fails(told(admissionSigns, c.Message, podsForbidden), c.Message)
		}
	}
	var members []*corev1.Pod
	for _, rs := range w.replicaSets {
		if partOf(rs, d) && rs.Annotations[revisionAnnotation] == d.Annotations[revisionAnnotation] {
			members = append(members, w.podsOf(rs)...)
		}
	}
	text := fmt.Sprintf("%d of %d replicas available", s.AvailableReplicas, want)
	switch {
	case d.Spec.Paused:
		text += "; it is paused"
	case s.UpdatedReplicas < want:
		text += fmt.Sprintf(", %d of the new revision", s.UpdatedReplicas)
	case s.Replicas > want:
		text += fmt.Sprintf(", %d of the old revision still there", s.Replicas-want)
	}
	return w.because(members, text)
}

func replicaSet(rs *appsv1.ReplicaSet, w *world) verdict {
	want, s := count(rs.Spec.Replicas), rs.Status
	switch {
	case s.ObservedGeneration < rs.Generation:
		return waits("its controller has not seen it yet")
	case s.Replicas == want && s.AvailableReplicas == want:
		return isReady()
	}
	for _, c := range s.Conditions {
		if c.Type == appsv1.ReplicaSetReplicaFailure && c.Status == corev1.ConditionTrue {
			return fails(told(admissionSigns, c.Message, podsForbidden), c.Message)
		}
	}
	return w.because(w.podsOf(rs), fmt.Sprintf("%d of %d replicas available", s.AvailableReplicas, want))
}

func statefulSet(sts *appsv1.StatefulSet, w *world) verdict {
	want, s := count(sts.Spec.Replicas), sts.Status
	if s.ObservedGeneration < sts.Generation {
		return waits("its controller has not seen it yet")
	}
	if s.Replicas == want && s.ReadyReplicas == want && s.AvailableReplicas == want && rolledOut(sts, want) {
		return isReady()
	}
	if v := w.refusedPods(sts.UID); v.state == bad && s.Replicas < want {
		return v
	}
	text := fmt.Sprintf("%d of %d replicas available", s.AvailableReplicas, want)
	if s.UpdatedReplicas < want {
		text += fmt.Sprintf(", %d of the new revision", s.UpdatedReplicas)
	}
	current, past := revised(w.podsOf(sts), appsv1.ControllerRevisionHashLabelKey, s.UpdateRevision)
	if v := w.worst(past); v.state != ready && len(current) == 0 {
		text += "; Pod/" + v.pod.Name + " of the old revision is still there: " + v.reason
		if sts.Spec.PodManagementPolicy != appsv1.ParallelPodManagement {
			return fails(stuckRevision, text).at(v.pod, v.container)
		}
	}
	return w.because(current, text)
}

// rolledOut tells whether all Pods that the update strategy updates are of the new revision.
func rolledOut(sts *appsv1.StatefulSet, want int32) bool {
	if sts.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType {
		return true
	}
	if rolling := sts.Spec.UpdateStrategy.RollingUpdate; rolling != nil && rolling.Partition != nil {
		want = max(0, want-*rolling.Partition)
	}
	return sts.Status.UpdatedReplicas >= want
}

func daemonSet(ds *appsv1.DaemonSet, w *world) verdict {
	s := ds.Status
	updated := s.UpdatedNumberScheduled
	if ds.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType {
		updated = s.DesiredNumberScheduled
	}
	switch {
	case s.ObservedGeneration < ds.Generation:
		return waits("its controller has not seen it yet")
	case updated == s.DesiredNumberScheduled && s.NumberAvailable == s.DesiredNumberScheduled:
		return isReady()
	}
	if v := w.refusedPods(ds.UID); v.state == bad && s.CurrentNumberScheduled < s.DesiredNumberScheduled {
		return v
	}
	current, _ := revised(w.podsOf(ds), extensionsv1beta1.DaemonSetTemplateGenerationKey, ds.Annotations[appsv1.DeprecatedTemplateGeneration])
	return w.because(current, fmt.Sprintf("available on %d of %d nodes", s.NumberAvailable, s.DesiredNumberScheduled))
}

func job(j *batchv1.Job, w *world) verdict {
	for _, c := range j.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		switch c.Type {
		case batchv1.JobComplete:
			return isReady()
		case batchv1.JobFailed:
			v := fails(unsuccessful, c.Reason+": "+c.Message)
			for _, p := range w.podsOf(j) {
				if p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodRunning {
					v.pod = p
				}
			}
			return v
		case batchv1.JobSuspended:
			return waits("it is suspended")
		}
	}
	if v := w.refusedPods(j.UID); v.state == bad && j.Status.Active+j.Status.Succeeded == 0 {
		return v
	}
	return w.because(w.podsOf(j), fmt.Sprintf("%d of %d completions", j.Status.Succeeded, count(j.Spec.Completions)))
}

// because puts what the Pods say behind what the workload says: the cause, not its consequence.
func (w *world) because(pods []*corev1.Pod, text string) verdict {
	v := w.worst(pods)
	if v.state == ready {
		return waits(text)
	}
	if v.state == notYet {
		at := "Pod/" + v.pod.Name
		if v.container != "" {
			at += ", container " + v.container
		}
		v.reason = text + "; " + at + ": " + v.reason
	}
	return v
}

// revised splits Pods into those of the revision that is wanted and older ones, which their controller
// will replace. Without a revision all are wanted.
func revised(pods []*corev1.Pod, label, revision string) (current, past []*corev1.Pod) {
	for _, p := range pods {
		if of := p.Labels[label]; of == "" || revision == "" || of == revision {
			current = append(current, p)
		} else {
			past = append(past, p)
		}
	}
	return current, past
}

func (w *world) podsOf(owner metav1.Object) (found []*corev1.Pod) {
	for _, p := range w.pods {
		if partOf(p, owner) {
			found = append(found, p)
		}
	}
	return found
}

// count is a number of replicas, of which one is the default.
func count(n *int32) int32 {
	if n == nil {
		return 1
	}
	return *n
}
