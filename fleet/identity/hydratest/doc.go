// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package hydratest runs Ory Hydra, an identity provider that others wrote, as a process on sockets of loopback. It knows nothing
// of fleets: the id of a device is the subject of its tokens, and its role is their scope.
package hydratest
