// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package secret holds values that must be carried but never shown.
//
// A Value cannot be printed: every verb of fmt, log/slog, reflection on a
// struct that holds one (also in an unexported field) and the default encoders
// give a mask or an error. Only Reveal gives the text back, so a search for
// "Reveal()" lists every place where a secret leaves its box.
//
// It imports nothing but the standard library, so that runtime programs may use it.
package secret
