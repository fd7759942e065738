// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package directory knows which devices a fleet has, and which of them are let in, as the API server says it. It answers
// from memory: while the API server is away, it goes on with what it knows.
package directory
