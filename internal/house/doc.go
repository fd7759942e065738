// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package house reads this repository, so that tests hold it to the rules of the house: pages of
// error codes, the index of decisions, reasons for dependencies, links, code, command lines, and
// the table of layers.
package house
