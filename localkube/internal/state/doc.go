// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package state knows where everything of a cluster lies on disk: a root with a
// directory for each cluster, and what is in it. Directories are 0700: other
// users of the machine see nothing of a cluster.
package state
