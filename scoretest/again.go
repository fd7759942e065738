// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"fmt"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/scoretest/internal/world"
)

// repeat deploys what stands: nothing is to be done, and nothing is written.
func (c *conformance) repeat(t *testing.T) {
	c.up(t)
	before := c.glance(t)
	saw := changes(c.deploy(t))
	saw = append(saw, untouched(before, c.glance(t), func(o *world.Object) bool {
		return o.DeletionTimestamp != nil // it was on its way already
	})...)
	if len(saw) > 0 {
		broken(t, "a deploy of what stands as it should changes nothing, and says so", saw...)
	}
}

// changes are what a report says was changed.
func changes(report harmony.Report) (saw []string) {
	for _, p := range report.Placements {
		path := strings.Join(p.Path, " › ")
		for _, change := range p.Changes {
			saw = append(saw, fmt.Sprintf("%s: %s", path, said(change)))
		}
		if len(p.Changes) == 0 && p.Standing != harmony.Unchanged && len(saw) == 0 {
			saw = append(saw, fmt.Sprintf("%s is %s, not %s", path, p.Standing, harmony.Unchanged))
		}
	}
	return saw
}

func said(change harmony.Change) string {
	return strings.TrimSuffix(fmt.Sprintf("%s %s (%s)", change.Action, change.Object, change.Detail), " ()")
}
