// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import corev1 "k8s.io/api/core/v1"

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

const (
	crashesThatCount = 3
	killsThatCount   = 2
)

func isReady() verdict { return verdict{state: ready} }

func waits(reason string) verdict { return verdict{state: notYet, reason: reason} }

func fails(t trouble, reason string) verdict { return verdict{state: bad, reason: reason, trouble: t} }
