// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart

import "maps"

// Over puts values in place of those that a preset has, and keeps the others of its maps. A list replaces a list.
func Over(preset, given map[string]any) map[string]any {
	all := maps.Clone(preset)
	if all == nil {
		all = map[string]any{}
	}
	for key, value := range given {
		below, is := value.(map[string]any)
		has, had := all[key].(map[string]any)
		if is && had {
			value = Over(has, below)
		}
		all[key] = value
	}
	return all
}
