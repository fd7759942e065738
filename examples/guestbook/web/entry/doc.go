// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package entry is what the server of the guestbook, its Scores and its readers say to each other.
//
//harmony:runtime
package entry
