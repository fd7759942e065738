// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package admin is how an issuer is administrated: what is said over its second listener, and the client that says it.
package admin
