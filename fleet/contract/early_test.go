// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"fmt"
	"testing"
)

func TestTheLatestOfWhatCameEarlyIsKept(t *testing.T) {
	var e Early
	body := func(i int) []byte { return fmt.Appendf(nil, "content %d", i) }
	for i := range MostEarly + 1 {
		e.Keep(DigestOf(body(i)), body(i))
		e.Keep(DigestOf(body(i)), body(i)) // the same one again takes no room
	}
	large := bytes.Repeat([]byte("x"), MaxEarly+1)
	e.Keep(DigestOf(large), large)
	if _, kept := e.Take(DigestOf(large)); kept {
		t.Error("what is too large is kept")
	}
	if _, kept := e.Take(DigestOf(body(0))); kept {
		t.Error("the oldest is kept beyond the limit")
	}
	for i := 1; i <= MostEarly; i++ {
		if got, kept := e.Take(DigestOf(body(i))); !kept || !bytes.Equal(got, body(i)) {
			t.Errorf("content %d: %q", i, got)
		}
		if _, kept := e.Take(DigestOf(body(i))); kept {
			t.Errorf("content %d is there twice", i)
		}
	}
}
