// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package diag is the shape of Harmony's errors: what is wrong, where, what was
// observed, and what to do next, as rustc does it.
//
// A Diagnostic is an error. Its text form is rendered from the same data as its
// JSON form, so the two always agree. The package imports nothing but the
// standard library, so that runtime programs may use it.
package diag
