// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package podman asks podman, by plain HTTP on the libpod API of its socket, for the little that an agent needs.
// It decides nothing. Its errors are an *Error, which says whether podman answered at all.
package podman
