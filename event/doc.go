// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package event tells what happens during a run, as typed events.
//
// A run puts a Sink into the context; whatever works on its behalf emits there
// with Emit and Begin, and need not know who listens. Reporters here: Plain
// lines for people and JSONLines for machines. Besides diag it imports nothing but the
// standard library, so that runtime programs may use it.
package event
