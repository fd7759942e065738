// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package exempt may do what the rule forbids, and says why.
//
//harmony:exempt barewait it shows what an exemption looks like
package exempt
