// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/people"
)

const auditNamed = 20 // devices that a line names; it counts them all

// audit writes who asked what of whom, and what came of it: a line before devices are asked, and one after. Devices log the same
// request.
func (s *Server) audit(who Person, c people.Command, request contract.RequestID, devices []string, outcome string) {
	s.Log.Info("audit", "caller", who.Name, "groups", who.Groups, "verb", c.Verb, "request", request.String(),
		"devices", devices[:min(len(devices), auditNamed)], "count", len(devices), "selector", c.Selector,
		"deployment", c.Namespace+"/"+c.Deployment, "service", c.Service, "argv", c.Argv, "outcome", outcome)
}
