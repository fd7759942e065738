// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package assertion signs what a machine shows to an identity provider in place of a password (RFC 7523): a statement of
// who it is, good for a minute and once. It needs the standard library alone, so that it fits on devices.
package assertion
