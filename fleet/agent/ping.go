// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"

	"nationtech.io/harmony/fleet/contract"
)

// ping answers who and where this agent is.
func (a *Agent) ping(_ context.Context, c contract.Command) (reply, error) {
	args, err := contract.DecodePingArgs(c.Args)
	if err != nil {
		return nil, err
	}
	return contract.PingReply{
		Device: c.Device, Request: c.Request, Nonce: args.Nonce, AgentVersion: a.facts.Version,
		Instance: a.instance, StartedAt: a.started, PodUID: a.facts.PodUID, Boot: a.facts.Boot,
	}, nil
}
