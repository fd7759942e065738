// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import "context"

// A Score is the desired state of one component. C, an interface, is what it
// needs of a place: one method for each capability.
type Score[C any] interface {
	// Name is unique on a place. It names the component in messages and inventories.
	Name() string
	// Interpret makes the place match and returns when the component is ready. It is
	// idempotent, and may be killed at any point and run again.
	Interpret(ctx context.Context, on C) (Outcome, error)
	// SmokeTest proves one fact that a user of the component sees, through the path
	// that a user takes. It may wait for the fact until ctx ends.
	SmokeTest(ctx context.Context, on C) error
}

// A Composite is a Score that stands on others. Its parts are deployed before its own
// Interpret and SmokeTest, and removed after it.
type Composite[C any] interface {
	// Parts is pure: it computes placements from the Score's fields and touches nothing.
	Parts(on C) []*Placement
}

// A Remover is a Score that can take away what its Interpret made.
type Remover[C any] interface {
	Remove(ctx context.Context, on C, how Removal) (Removed, error)
}

// Removal says how a component is removed.
type Removal struct {
	// Purge also deletes data: volume claims and generated credentials. Without it they are kept and listed.
	Purge bool
}

// Removed lists what a removal took away and what it left, in the order in which that happened. Kept
// is data; Shared is what others still use, such as the namespace, with the reason.
type Removed struct {
	Gone   []string
	Kept   []string
	Shared []string
}

// Outcome is what Interpret changed; empty when the place matched already.
type Outcome struct {
	Changes []Change
}

// An Action is what was done to one object.
type Action string

// The actions. Repaired means that someone else had edited or deleted an object
// that is ours, and that it alone was put right; Replaced, that it was deleted and made anew.
const (
	Created  Action = "created"
	Updated  Action = "updated"
	Repaired Action = "repaired"
	Replaced Action = "replaced"
	Deleted  Action = "deleted"
)

// A Change is one object that was changed. Detail tells more where there is more to tell: which fields, or why.
type Change struct {
	Action Action `json:"action"`
	Object string `json:"object"`
	Detail string `json:"detail,omitempty"`
}

// A Wrapper is a Score that holds another and adds one thing. It is looked through for the
// companions that it does not have itself. One that it has counts as the Score's, so a wrapper
// that acts in a companion has it only where the wrapped Score does.
type Wrapper[C any] interface {
	Unwrap() Score[C]
}

// Companion finds T on the Score or on one that it wraps, as errors.As does: what a run asks
// before it calls Parts or Remove.
func Companion[T, C any](s Score[C]) (T, bool) {
	for {
		if t, ok := s.(T); ok {
			return t, true
		}
		w, ok := s.(Wrapper[C])
		if !ok {
			var none T
			return none, false
		}
		s = w.Unwrap()
	}
}
