// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package kv reads and writes an etcd by its JSON over HTTP. The server of the guestbook uses it in the cluster, and
// the smoke test of the database from outside: it knows nothing of Harmony.
//
//harmony:runtime
package kv
