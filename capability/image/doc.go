// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package image is the capability to make a program runnable as a container image
// on a place: published somewhere, or built from Go source and delivered.
package image
