// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package token tells whose an access token is, without asking anybody: it checks the signature with keys of the identity
// provider that it keeps, and then what the token says. It knows no NATS.
package token
