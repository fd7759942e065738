// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package callout tells NATS servers who connects. A server asks about every connection that none of its own users makes;
// the callout verifies the access token that was shown, without asking anybody, and answers with a user that has exactly
// the rights of the token's role. Several callouts share the questions. One that is not there takes nothing from who is
// connected.
package callout
