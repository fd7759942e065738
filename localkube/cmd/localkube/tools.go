// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//go:build tools

package main

import _ "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2" // built beside the engine: keep its requirements
