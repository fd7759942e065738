// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

// apiServers are faults of the API server. They disturb all others.
func apiServers() []fault { return nil }
