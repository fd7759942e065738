// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"

	"nationtech.io/harmony"
)

// surplus is what the record lists and the items do not.
func (s *survey) surplus() (entries []entry) {
	wanted := map[reference]bool{}
	for _, f := range s.findings {
		wanted[f.key()] = true
	}
	for _, e := range s.record.Objects {
		if !wanted[e.reference().key()] {
			entries = append(entries, e)
		}
	}
	return entries
}

// prune deletes what is no longer wanted. It returns what may still be there, and what is
// data and therefore stays.
func (c *Client) prune(ctx context.Context, inventory Inventory, surplus []entry) (changes []harmony.Change, left, data []entry, err error) {
	if len(surplus) == 0 {
		return nil, nil, nil, nil
	}
	rest, kept, err := c.stand(ctx, inventory, surplus)
	if err != nil {
		return nil, surplus, nil, err
	}
	for _, d := range kept {
		data = append(data, entryOf(d.reference))
	}
	gone, err := c.deleteAll(ctx, rest, unwanted)
	for _, d := range gone {
		changes = append(changes, harmony.Change{Action: harmony.Deleted, Object: d.String(), Detail: unwanted})
	}
	if err != nil {
		left = surplus
	}
	return changes, left, data, err
}
