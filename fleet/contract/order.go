// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import "cmp"

// maxCounter is the highest that a counter can be: JSON of any language still knows its neighbours apart.
const maxCounter = 1<<53 - 1

// Order says which of two manifests of one control plane is the later one: by epoch, then term, then number.
// The zero value comes before every manifest.
type Order struct {
	// Epoch is raised by a person only.
	Epoch int64
	// Term is raised whenever another operator leads.
	Term int64
	// Number counts the manifests of a term, from 1.
	Number int64
}

// Compare is -1 when o comes before other, 1 when it comes after, and 0 when they are equal.
func (o Order) Compare(other Order) int {
	return cmp.Or(cmp.Compare(o.Epoch, other.Epoch), cmp.Compare(o.Term, other.Term), cmp.Compare(o.Number, other.Number))
}

// IsZero tells whether there was no manifest yet.
func (o Order) IsZero() bool { return o == Order{} }

// valid tells whether a manifest can have this order.
func (o Order) valid() bool { return isCounter(o.Epoch) && isCounter(o.Term) && isCounter(o.Number) }

func isCounter(n int64) bool { return n >= 1 && n <= maxCounter }
