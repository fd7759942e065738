// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"testing"
)

func TestTheDemonstrationFailsUnlessAStrangerIsRefused(t *testing.T) {
	const (
		refused   = `echo 'level=WARN msg="not connected to NATS, trying again" reason="HRM0912: no token: invalid_grant: no machine"'`
		unreached = `echo 'level=WARN msg="not connected to NATS, trying again" reason="HRM0912: no token: connection refused"'`
		connected = `echo 'level=INFO msg="connected to NATS" server=tls://127.0.0.1:4222' >&2`
	)
	for name, c := range map[string]struct {
		agent string
		want  error
	}{
		"it is refused, and goes on":  {refused + "; exec sleep 1000", nil},
		"it is let in":                {connected + "; exec sleep 1000", errLetIn},
		"it reaches nobody, and ends": {unreached, errUndecided},
		"it ends":                     {"exit 1", errUndecided},
	} {
		if err := turnedAway(t.Context(), []string{"sh", "-c", c.agent}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
