// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package people

// The paths.
const (
	DevicesPath     = "/v1/devices"
	DeploymentsPath = "/v1/deployments"
	PlanPath        = "/v1/plan"
	CommandsPath    = "/v1/commands"
)

// Name is what the leader's certificate is made out to.
const Name = "harmony-fleet-operator"

// Group is the group of the rights that people need: those of the fleet's kinds, and "devices/VERB" for commands.
const Group = "fleet.nationtech.io"

// A Problem says why something was not answered.
type Problem struct {
	// Code is an error code of Harmony.
	Code string `json:"code"`
	// Saw is what was found, and Try what to do about it.
	Saw []string `json:"saw"`
	Try []string `json:"try,omitempty"`
}
