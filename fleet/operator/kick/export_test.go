// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kick

// Paged makes it ask for so many connections at a time.
func (k *Kicker) Paged(size int) { k.page = size }
