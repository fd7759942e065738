// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// pod judges one Pod by its phase, its scheduling and its containers.
func pod(p *corev1.Pod, w *world) verdict {
	switch {
	case p.DeletionTimestamp != nil:
		return waits("it is being deleted").at(p, "")
	case p.Status.Phase == corev1.PodSucceeded:
		return isReady()
	case p.Status.Phase == corev1.PodFailed:
		return fails(unsuccessful, strings.TrimSuffix("it failed: "+cmp.Or(p.Status.Message, p.Status.Reason, exits(p)), ": ")).at(p, "")
	case podIsReady(p):
		return isReady()
	}
	if c := podCondition(p, corev1.PodScheduled); c != nil && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable {
		return fails(w.unplaced(c.Message), c.Message).at(p, "")
	}
	if n := w.nodes[p.Spec.NodeName]; n != nil && node(n).state != ready {
		return fails(nodeAway, "Node/"+n.Name+": "+node(n).reason).at(p, "")
	}
	for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		if v := w.container(p, s); v.state != ready {
			return v.at(p, s.Name)
		}
	}
	if c := podCondition(p, corev1.PodReady); c != nil && c.Reason != "" && len(p.Status.ContainerStatuses) > 0 {
		return waits(cmp.Or(c.Message, c.Reason)).at(p, "")
	}
	if p.Spec.NodeName == "" {
		return waits("it waits for a node").at(p, "")
	}
	return waits("it waits for the kubelet of "+p.Spec.NodeName).at(p, "")
}

// at says where below an object the reason was found.
func (v verdict) at(p *corev1.Pod, container string) verdict {
	v.pod, v.container = p, container
	return v
}

// container judges one container by what the kubelet says of it, and of its probes.
func (w *world) container(p *corev1.Pod, s corev1.ContainerStatus) verdict {
	since := s.RestartCount - w.began[p.UID][s.Name] // the wait began
	if last := s.LastTerminationState.Terminated; last != nil && !s.Ready && last.Reason == "OOMKilled" && since >= killsThatCount {
		return fails(outOfMemory, fmt.Sprintf("killed for memory, started again %d times", s.RestartCount))
	}
	if of := s.State.Waiting; of != nil {
		if t, known := waiting(of); known {
			return fails(t, strings.TrimSuffix(of.Reason+": "+of.Message, ": "))
		}
		if of.Reason == "CrashLoopBackOff" {
			return w.crashing(p, s, since)
		}
		if v := w.unmounted(p, s); v.state == bad {
			return v
		}
		return waits(starting(of))
	}
	if t := s.State.Terminated; t != nil {
		if t.ExitCode == 0 {
			return isReady()
		}
		return waits("it ended: " + exit(t))
	}
	if s.State.Running != nil && !s.Ready {
		return w.unready(p, s)
	}
	return isReady()
}

// What shells exit with when what they are to run is not executable, and when it is not there.
const (
	noPermission = 126
	noCommand    = 127
)

// crashing judges a container that the kubelet waits to start again.
func (w *world) crashing(p *corev1.Pod, s corev1.ContainerStatus, since int32) verdict {
	last := s.LastTerminationState.Terminated
	if last != nil && (last.Reason == "StartError" || last.Reason == "ContainerCannotRun") {
		return fails(told(commandSigns, last.Message, cannotCreate), exit(last))
	}
	reason := fmt.Sprintf("it crashed %d times: %s", s.RestartCount, exit(last))
	probed := w.probed(p, s.Name, "Liveness", "Startup")
	switch {
	case since >= crashesThatCount && last != nil && (last.ExitCode == noPermission || last.ExitCode == noCommand):
		t := cannotRun
		t.grace = 0 // it was tried often enough
		return fails(t, reason)
	case since >= crashesThatCount && probed != "":
		return fails(livenessKills, reason+"; "+probed)
	case since >= crashesThatCount:
		return fails(crashLoop, reason)
	case s.RestartCount >= crashesThatCount:
		return fails(oldCrashLoop, reason)
	}
	return waits(reason)
}

// unready judges a container that runs and is not ready.
func (w *world) unready(p *corev1.Pod, s corev1.ContainerStatus) verdict {
	if s.Started != nil && !*s.Started {
		return waits(strings.TrimSuffix("it runs; its startup probe has not passed yet; "+w.probed(p, s.Name, "Startup"), "; "))
	}
	if probed := w.probed(p, s.Name, "Readiness"); probed != "" {
		return fails(readinessFails, "it runs; "+probed)
	}
	return waits("it runs; its readiness probe has not passed yet")
}

func starting(w *corev1.ContainerStateWaiting) string {
	switch w.Reason {
	case "ContainerCreating":
		return "it is being created"
	case "PodInitializing":
		return "it waits for the init containers"
	}
	return strings.TrimSuffix(w.Reason+": "+w.Message, ": ")
}

// exit tells how a container ended.
func exit(t *corev1.ContainerStateTerminated) string {
	if t == nil {
		return "nobody knows how"
	}
	text := "exit code " + strconv.Itoa(int(t.ExitCode))
	if t.Signal != 0 {
		text = "signal " + strconv.Itoa(int(t.Signal))
	}
	if t.Reason != "" && t.Reason != "Error" {
		text += " (" + t.Reason + ")"
	}
	if message := strings.TrimSpace(t.Message); message != "" {
		text += ": " + message
	}
	return text
}

func exits(p *corev1.Pod) string {
	for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		if t := s.State.Terminated; t != nil && t.ExitCode != 0 {
			return "container " + s.Name + ": " + exit(t)
		}
	}
	return ""
}

func podIsReady(p *corev1.Pod) bool {
	c := podCondition(p, corev1.PodReady)
	return c != nil && c.Status == corev1.ConditionTrue
}

func podCondition(p *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i, c := range p.Status.Conditions {
		if c.Type == kind {
			return &p.Status.Conditions[i]
		}
	}
	return nil
}

// worst judges the Pods of a workload as one: a bad one first, then one that is not ready.
// Pods that ended or are going away are their controller's to replace.
func (w *world) worst(pods []*corev1.Pod) verdict {
	slices.SortFunc(pods, func(a, b *corev1.Pod) int { return cmp.Compare(a.Name, b.Name) })
	found := isReady()
	for _, p := range pods {
		if p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodFailed {
			continue
		}
		switch v := pod(p, w); {
		case v.state == bad && found.state != bad:
			found = v
		case v.state == notYet && found.state == ready:
			found = v
		}
	}
	return found
}
