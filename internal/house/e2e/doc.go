// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e runs what the documentation tells people to type, page by page, on a local Kubernetes. It has tests only.
package e2e
