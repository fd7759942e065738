// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package wait is the only place that polls or sleeps. A wait that gives up says
// what it waited for and what it last saw.
//
//harmony:exempt barewait it is what the rest of localkube waits with
package wait
