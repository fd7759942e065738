// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest_test

import (
	"regexp"
	"testing"

	"nationtech.io/harmony/scoretest"
)

func TestATestHasOneNamespaceAndAnotherHasAnother(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			ns := scoretest.Namespace(t)
			if !regexp.MustCompile(`^e2e-[0-9a-f]{8}$`).MatchString(ns) || seen[ns] || scoretest.Namespace(t) != ns {
				t.Errorf("got %s, then %s; before: %v", ns, scoretest.Namespace(t), seen)
			}
			seen[ns] = true
		})
	}
}
