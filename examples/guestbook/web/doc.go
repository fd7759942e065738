// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package web is the Score of the guestbook's server, which keeps entries in a database and tells of them on NATS.
package web
