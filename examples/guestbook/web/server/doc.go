// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command server is the guestbook: it keeps entries in a database, lists them, and tells of each on NATS.
//
//harmony:runtime
package main
