// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"nationtech.io/harmony/diag"
)

// A state is what a rule makes of an object.
type state int

const (
	notYet state = iota
	ready
	bad // it may still heal: only after the trouble's grace it counts as lost
)

// A verdict is what a rule says of one object, with the reason in words.
type verdict struct {
	state   state
	reason  string
	trouble trouble // of a bad state

	// Where below the object the reason was found.
	pod       *corev1.Pod
	container string
}

// A trouble is a bad state that objects can be in.
type trouble struct {
	name  string
	grace time.Duration // how long it must last before it counts
	code  diag.Code     // WillNotHeal when empty
}

// The troubles, with their graces. The kubelet tries again every 10 to 15 s to start a container:
// less than 20 s would judge by its first try alone, and call what came a little late lost.
var (
	imageUnavailable = trouble{name: "an image cannot be pulled", grace: 20 * time.Second}
	badImageName     = trouble{name: "an image reference is not valid", grace: 0}
	badConfiguration = trouble{name: "a container cannot be configured", grace: 20 * time.Second}
	crashLoop        = trouble{name: "a container crashes again and again", grace: 0}                       // from its third restart on
	oldCrashLoop     = trouble{name: "a container crashes since before this began", grace: 2 * time.Minute} // until the kubelet has tried again
	// An ordered StatefulSet waits for a Pod to be ready before it replaces it, broken or not.
	stuckRevision = trouble{name: "a Pod of an older revision is not ready, and is not replaced before it is", grace: time.Minute}
	outOfMemory   = trouble{name: "a container needs more memory than its limit", grace: 0} // from the second kill on
	cannotRun     = trouble{name: "a container's command cannot be run", grace: 20 * time.Second}
	unschedulable = trouble{name: "no node can take the Pod", grace: 30 * time.Second}
	podsForbidden = trouble{name: "the cluster does not admit the Pods", grace: 5 * time.Second}
	unsuccessful  = trouble{name: "it ended without success", grace: 0}
	volumeLost    = trouble{name: "its volume is gone", grace: 0}
	nameConflict  = trouble{name: "its names are taken by another definition", grace: 5 * time.Second}
	unjudged      = trouble{name: "nothing reports on it", grace: 10 * time.Second, code: diag.CannotJudge}
)

const (
	crashesThatCount = 3
	killsThatCount   = 2
)

func isReady() verdict { return verdict{state: ready} }

func waits(reason string) verdict { return verdict{state: notYet, reason: reason} }

func fails(t trouble, reason string) verdict { return verdict{state: bad, reason: reason, trouble: t} }
