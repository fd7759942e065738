// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package wait is the only place in Harmony that sleeps or polls.
//
// A wait here never loses what it last saw: when it gives up it returns a
// *GaveUp that tells what was waited for, for how long, and the last
// observation, so that no caller ever has to print "context deadline exceeded".
//
// It imports nothing but the standard library, so that runtime programs may use it.
//
//harmony:exempt barewait it is what all others wait with
package wait
