// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package streams makes streams of NATS JetStream be as they are wanted, and compares all of each.
//
// A wanted configuration spells out everything that the server would fill in, so that what the server gives back can
// be compared field by field, also the fields that nobody set. What is made or corrected carries the digest of what
// was wanted: so a stream that someone edited is told from one that is wanted otherwise now.
package streams
