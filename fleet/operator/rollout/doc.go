// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package rollout decides which devices of a Deployment are told its newest release, and when the next ones are.
// It is pure: what it decides by is what it is given, and where it got to is a Position, which whoever calls it keeps.
//
// Devices stand in one order, that of their keys, which does not change while devices come and go. A rollout is a
// border in that order: who stands before it is told the release. Borders of earlier rollouts that were overtaken
// stay below it, so that nobody is sent back to a release that it has already left.
package rollout
