// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package command is the asking side of a fleet's commands: it sends one to a
// device and waits for the answer on the subject that the contract fixes.
//
// What can go wrong is told apart (see Kind), because each needs another
// remedy: a device that is offline, one that hangs, one that refuses, and a
// path that is broken are four different things.
package command
