// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package contract is what operator, agent and callout say to each other:
// identities, subjects, messages, and who may say what to whom.
//
// Every message is decoded strictly: unknown, repeated, null or wrongly cased
// fields, trailing data, invalid UTF-8 and messages over their limit are refused
// with a *Refusal that says which of these it was. What a message says about
// its sender or receiver is checked against what the reader knows; a subject or
// a header proves nothing. The exact bytes are locked by golden files.
//
// It imports nothing but the standard library.
package contract
