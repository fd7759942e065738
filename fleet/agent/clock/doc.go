// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package clock is the time of a device that may have none: many start in 1970. It is the latest time that is known of, set
// right by the identity provider, whose answers all have a Date.
package clock
