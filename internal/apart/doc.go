// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package apart runs podman as if on a machine of its own: with a network, storage, state, processes and mounts that go
// with it, so that nothing of it is left on this machine. Tests have their devices from it, and the demonstration its own.
// It needs root and Linux.
package apart
