// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import "slices"

// A control plane may send a device a content ahead of the manifest that names it: that saves the question, which on a bad link
// may be lost as well. A device keeps MostEarly such contents, the latest, of at most MaxEarly bytes each.
const (
	MaxEarly  = 4 << 10
	MostEarly = 8
)

// Early are contents that came before they were asked for. The zero value is ready to use, by one at a time.
type Early struct{ all []early }

type early struct {
	digest Digest
	body   []byte
}

// Keep keeps a content that is not too large, and forgets the oldest if there are too many.
func (e *Early) Keep(digest Digest, body []byte) {
	if len(body) > MaxEarly || slices.ContainsFunc(e.all, func(one early) bool { return one.digest == digest }) {
		return
	}
	if len(e.all) == MostEarly {
		e.all = slices.Delete(e.all, 0, 1)
	}
	e.all = append(e.all, early{digest, body})
}

// Take gives a content that was kept, and forgets it.
func (e *Early) Take(digest Digest) (body []byte, kept bool) {
	i := slices.IndexFunc(e.all, func(one early) bool { return one.digest == digest })
	if i < 0 {
		return nil, false
	}
	body = e.all[i].body
	e.all = slices.Delete(e.all, i, i+1)
	return body, true
}
