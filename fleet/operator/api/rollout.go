// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/operator/rollout"
	"nationtech.io/harmony/fleet/people"
)

// rolloutOf is how far the rollout of a Deployment has come; nil when it has none.
func (s *Server) rolloutOf(p plane.Deployment) *people.Rollout {
	r, ok := s.State.Reach(p.UID)
	if !ok {
		return nil
	}
	all := &people.Rollout{
		Reason: people.Reason{Code: string(r.Reason), Why: r.Why(r.Position.Batch), Next: after(r.Reason, p)},
		Batch:  r.Position.Batch, Told: r.Told, Healthy: r.Healthy, Failed: r.Failed, Offline: r.Offline, Releases: []people.RolloutRelease{},
	}
	if r.Asked {
		all.Reason = people.Reason{Code: people.RolloutBegins, Why: "it is about to begin what was asked for"}
	}
	for _, share := range r.Shares {
		all.Releases = append(all.Releases, people.RolloutRelease{Release: share.Generation, Digest: share.Digest, Devices: share.Devices})
	}
	return all
}

// after is what to do about a rollout that stands for a reason; empty when there is nothing to do.
func after(why rollout.Reason, p plane.Deployment) string {
	command := func(verb string) string {
		return "harmony-fleet rollout " + verb + " " + p.Name + " --namespace " + p.Namespace
	}
	switch why {
	case rollout.Paused:
		return "go on: " + command("resume")
	case rollout.Stopped:
		return "apply a better release, take this one back: " + command("undo") + ", or go on in spite of it: " + command("resume")
	case rollout.Reverted:
		return "apply a better release, or try this one again: " + command("resume")
	case rollout.Complete:
		return ""
	case rollout.WaitsForBatch, rollout.WaitsForRoom:
		return "it goes on by itself when they are ready; the devices that it waits for: harmony-fleet describe deployment " + p.Name + " --namespace " + p.Namespace
	}
	return ""
}
