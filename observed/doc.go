// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package observed traces and counts the steps of a Score with OpenTelemetry.
//
// Score wraps any Score and changes nothing of what it does. Each of its steps becomes a span,
// below the span of the context that the run was given and above whatever is traced within the
// step, and is counted and timed:
//
//	harmony.score.steps            counter, in steps
//	harmony.score.step.duration    histogram, in seconds
//
// Both, and the span, tell harmony.score.name, harmony.score.step ("interpret", "smoke test",
// "remove") and harmony.score.outcome ("done", "failed", "interrupted"). A step that did not end
// well also tells error.type: the code that the report gives for it, or "panic". The span tells
// harmony.score.changes besides: how many objects were changed or taken away.
//
// No text of an error is told, neither evidence nor causes nor what a panic says: only Diagnostics
// promise to hold no secret, and they too may name what whoever reads traces should not see. Codes,
// their constant summaries and the names of components are all that is told in words.
//
// The parts of a composite are placed by it and are not observed with it. One that wants them so
// takes an Observer as a field and wraps each part that it places.
package observed
