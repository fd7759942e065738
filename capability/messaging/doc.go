// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package messaging is a place's message servers to Scores: NATS servers that stand there, reached as their clients
// reach them. A Score says what streams there shall be and which configuration the servers shall run; a plan reads
// the streams that stand, and writes none.
package messaging
