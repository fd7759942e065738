// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package honest

import (
	"errors"
	"testing"
)

func TestTestsMayMakeAnyError(t *testing.T) {
	if broken := errors.New("broken"); errors.Is(broken, ErrNoKey) {
		t.Fatal(broken)
	}
}
