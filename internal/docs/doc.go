// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package docs reads the documentation of Harmony, so that tests can hold it to what
// is true: pages of error codes, the index of decisions, reasons for dependencies,
// links, code, command lines, and the table of layers.
package docs
