// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"strconv"
	"time"

	"nationtech.io/harmony/diag"
)

// What Apply makes of a state of an object.
const (
	JudgedReady  = "ready"
	JudgedNotYet = "not yet"
	JudgedLost   = "will not heal" // when it has lasted for its grace
	JudgedNever  = "cannot judge"  // nobody can tell; it ends the wait after its grace, too
)

// A WaitingRule is a line of the table by which Apply waits: what it makes of a state of a kind of object.
type WaitingRule struct {
	Kind   string // or several, or what is in objects, as a container
	State  string
	Judged string
	Grace  time.Duration // how long the state must last before it ends the wait; zero: at once
	Late   time.Duration // it ends the wait only when the limit of the deploy is no further away, or a quarter of it; zero: whenever
	Code   diag.Code     // of what then is said; empty when the state ends no wait
}

// After is when the state ends the wait, in words; empty when it does not.
func (r WaitingRule) After() string {
	switch {
	case r.Code == "":
		return ""
	case r.Grace == 0:
		return "at once"
	case r.Late > 0:
		return words(r.Grace) + ", in the last " + words(r.Late) + " of the deploy"
	}
	return words(r.Grace)
}

// words is a whole number of seconds or minutes in words.
func words(d time.Duration) string {
	if d%time.Minute == 0 {
		return strconv.Itoa(int(d/time.Minute)) + " min"
	}
	return strconv.Itoa(int(d/time.Second)) + " s"
}

// Waiting is the table by which Apply waits. A kind that it does not name is judged by its conditions
// (that of "other kinds"); one that is complete when it is stored has no line of its own.
func Waiting() []WaitingRule {
	all := standings()
	for _, t := range troubles() {
		r := WaitingRule{Kind: t.kind, State: t.name, Judged: JudgedLost, Grace: t.grace, Code: t.code}
		if t.code == diag.CannotJudge {
			r.Judged = JudgedNever
		}
		if t.late {
			r.Late = lateBefore
		}
		all = append(all, r)
	}
	return all
}

// standings are the states that end no wait in a failure.
func standings() (all []WaitingRule) {
	for _, s := range [][3]string{
		{"Pod", "its condition Ready is True, or it has succeeded", "it waits for a node, a kubelet or its containers"},
		{"container, init container, sidecar", "it runs and is ready; one that is to end has ended with 0", "it is being created, starts, or was started again less than three times"},
		{"Deployment", "all replicas are of the new revision and available, and no other is left", "a rollout goes on, or is paused"},
		{"StatefulSet", "all replicas that its update strategy reaches are of the new revision and available", "a rollout goes on"},
		{"DaemonSet", "every node that it wants has an available Pod of the new revision", "a rollout goes on"},
		{"ReplicaSet", "all replicas are available", "some are not"},
		{"Job", "it is complete", "it runs, or is suspended"},
		{"Service", "a ready Pod stands behind it; one without selector at once", "Pods stand behind it, and none is ready"},
		{"PersistentVolumeClaim", "a volume is bound to it; one that waits for its first Pod and has none at once", "no volume is bound yet"},
		{"Node", "its condition Ready is True", "its kubelet has not reported yet"},
		{"Namespace", "it is active", ""},
		{"CustomResourceDefinition", "it is established", ""},
		{"Ingress", "a controller has given it an address", ""},
		{"HorizontalPodAutoscaler", "it can read what it scales by, and scale", "its controller has not seen it yet"},
		{"PodDisruptionBudget", "its controller has counted its Pods", "its controller has not seen it yet"},
		{"EndpointSlice, ConfigMap, Secret and others without a controller", "it is stored", ""},
		{"other kinds", "its condition Ready or Available is True, of its present generation", "that condition is not True, or is of an older generation"},
		{"any kind", "the Score's own readiness says so, where it gives one", "the Score's own readiness says so, where it gives one"},
	} {
		all = append(all, WaitingRule{Kind: s[0], State: s[1], Judged: JudgedReady})
		if s[2] != "" {
			all = append(all, WaitingRule{Kind: s[0], State: s[2], Judged: JudgedNotYet})
		}
	}
	return all
}
