// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package pace says when and to which server a device that was cut off connects again. Thousands were cut off in the same
// moment, and each that comes back costs the fleet's callouts and its identity provider some work.
package pace
