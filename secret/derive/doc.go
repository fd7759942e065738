// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package derive makes keys from a secret text: the same ones whenever they are asked for, so that one generated text is
// all that has to be kept, in the one place where credentials are kept.
//
// The text must be a generated one, as secret.Random makes it: what a person thinks of has not enough randomness.
package derive
