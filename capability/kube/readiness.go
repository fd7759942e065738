// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import "time"

// Readiness is what a Score makes of an object of its own. The zero value is not ready yet.
type Readiness struct {
	Ready  bool
	Lost   bool          // it will not heal; looked at only when it is not ready
	Grace  time.Duration // how long it must be lost before the deploy ends
	Reason string        // why it is not ready, for people
}

// WithReadiness gives an object to Apply together with how it is judged, instead of by the rule of its kind.
// The function gets the object as it stands, in its Go type where there is one and as *unstructured.Unstructured
// else; it must do nothing but look, because it is called at each change.
func WithReadiness(o Object, judge func(Object) Readiness) Object {
	g := plainly(o)
	g.judge = judge
	return g
}

func (r Readiness) verdict() verdict {
	switch {
	case r.Ready:
		return isReady()
	case r.Lost:
		t := scoresOwn
		t.grace = r.Grace
		return fails(t, orElse(r.Reason, "the Score says that it will not heal"))
	}
	return waits(orElse(r.Reason, "the Score says that it is not ready"))
}
