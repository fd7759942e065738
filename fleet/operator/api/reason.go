// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"time"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/people"
)

// findings are what keeps a device from following, whatever it shall run.
func (s *Server) findings(v plane.View) []people.Reason {
	all := []people.Reason{}
	add := func(code, why, next string) { all = append(all, people.Reason{Code: code, Why: why, Next: next}) }
	switch {
	case v.Revoked:
		add("Revoked", "it is not let in, told nothing, and not heard; what it runs keeps running", "let it in again: harmony-fleet allow "+v.ID)
	case v.Online:
	case v.Seen.IsZero():
		add("Offline", "it was not heard since this operator leads", "look on the device: harmony-fleet-agent status, and its network")
	default:
		add("Offline", "it was last heard at "+v.Seen.UTC().Format(time.RFC3339), "it follows by itself when it is back; look on the device: harmony-fleet-agent status")
	}
	if v.Online && !v.Reported {
		add("Unheard", "it has not reported to this operator yet", "ask for its report: harmony-fleet resync "+v.ID)
	}
	if v.Foreign != "" {
		add("UnknownControlPlane", "it obeys control plane "+v.Foreign+", and refuses this one",
			fmt.Sprintf("find out whose device it is; it follows when spec.adopt of the FleetState is %s, and spec.epoch is above %d: %s", v.Foreign, v.Held.Epoch,
				s.raise(v.Held.Epoch, fmt.Sprintf(`"adopt": %q, `, v.Foreign))))
	}
	if v.Ahead {
		add("Ahead", "it holds a later state than this control plane knows: the cluster was restored from a backup",
			s.overrule(v))
	}
	if v.Duplicate {
		add("DuplicateIdentity", "two agents speak for it; it is told nothing while both do", "find the other one, and enrol it under a name of its own")
	}
	if v.Flooding {
		add("Flooding", "it sends more messages than are read of one device; what is above is dropped unread, and while that lasts its connections are closed",
			"look at its agent: harmony-fleet-agent status on the device, and who else has its credentials")
	}
	if v.Incredible {
		add("OrderIncredible", "it claims again and again to hold what this control plane never told anybody",
			"look at the device: its agent or its state file was tampered with; enrol it anew under another name")
	}
	for _, f := range v.Findings {
		code := f.Code
		if code == "" {
			code = f.Kind
		}
		add(code, f.Kind+": "+f.Message, remedy(contract.FindingKind(f.Kind)))
	}
	return all
}

// farthest is how far above the fleet's own epoch the one may be that a device claims to have seen: people raise it by hand.
const farthest = 1000

// overrule is how a device is made to follow that holds a later state.
func (s *Server) overrule(v plane.View) string {
	return fmt.Sprintf("when what the cluster says now is to count, raise spec.epoch of the FleetState above %d: %s", max(v.Held.Epoch, s.State.Order().Epoch), s.raise(v.Held.Epoch, ""))
}

// raise is the command that raises the epoch of the fleet above one that a device holds. An epoch is never lowered, so what cannot
// be true is not written into a command.
func (s *Server) raise(held int64, more string) string {
	own := s.State.Order().Epoch
	if held-own > farthest {
		return "but no person has raised it that far, so first find out what the device is"
	}
	return fmt.Sprintf(`kubectl --namespace %s patch fleetstate %s --type merge --patch '{"spec": {%s"epoch": %d}}'`, s.Fleet, fleet.FleetStateName, more, max(held, own)+1)
}

// remedy is what to do about what a device found amiss; what agents of another release find is looked up there.
func remedy(kind contract.FindingKind) string {
	switch kind {
	case contract.FindingStale:
		return "it goes away within some minutes; if it does not, see what it holds to: harmony-fleet-agent status on the device"
	case contract.FindingPlane:
		return "find out who else writes to this NATS; if that one is to take over, let it adopt the device: harmony-fleet describe device there says how"
	case contract.FindingRefused:
		return "bring the agent and the operator to one release; the device goes on with the manifest that it has"
	case contract.FindingRuntime:
		return "start podman on the device: systemctl enable --now podman.socket; if it is to run nothing, let no Deployment select it"
	case contract.FindingState:
		return "make room on the device, or correct the rights: df -h /var/lib/harmony-fleet-agent; it tries again by itself"
	case contract.FindingLost:
		return "look at the disk of the device; it asks for its manifest and holds to it by itself"
	case contract.FindingClock:
		return "see what sets the clock of the device: timedatectl status; if it is right now, nothing is to be done"
	case contract.FindingDoubtful:
		return "find the other one, and enrol it under a name of its own"
	}
	return "look on the device: harmony-fleet-agent status"
}

// workloads are what a device shall run and what it has, each with the reason when these differ.
func (s *Server) workloads(v plane.View) []people.Workload {
	all := []people.Workload{}
	wanted := map[string]bool{}
	for _, w := range v.Wants {
		p := w.Deployment
		wanted[p.UID] = true
		held := heldOf(v, p.UID)
		all = append(all, people.Workload{
			Namespace: p.Namespace, Name: p.Name, UID: p.UID, Wanted: true, Release: w.Told.Generation, Digest: w.Told.Digest,
			Held: held, Standing: string(w.Standing), Reason: s.reason(v, w, held),
		})
	}
	for _, w := range v.Workloads {
		if wanted[w.UID] {
			continue
		}
		left := people.Workload{UID: w.UID, Held: heldOf(v, w.UID), Standing: string(plane.Unlisted), Reason: &people.Reason{
			Code: "Unlisted", Why: "no Deployment selects the device for it, and there is no proof that it may go; it keeps running",
			Next: "it goes when its Deployment is deleted, or a minute after the labels stopped selecting it",
		}}
		if w.Phase == plane.Removing {
			left.Standing, left.Reason = string(plane.Removing), &people.Reason{Code: "Removing", Why: "it is being stopped and taken away"}
		}
		if p, known := s.State.Deployment(w.UID); known {
			left.Namespace, left.Name = p.Namespace, p.Name
		}
		all = append(all, left)
	}
	return all
}

func heldOf(v plane.View, uid string) *people.Held {
	for _, w := range v.Workloads {
		if w.UID == uid {
			return &people.Held{Release: w.Generation, Digest: w.Digest, Phase: string(w.Phase), Code: w.Code, Message: w.Message}
		}
	}
	return nil
}

// reason is why a device does not run what a Deployment wants; nil when it does. The first cause that applies is given: it
// explains those that follow.
func (s *Server) reason(v plane.View, w plane.Want, held *people.Held) *people.Reason {
	if w.Standing == plane.Ready {
		return nil
	}
	if w.Deployment.Deleting {
		return &people.Reason{Code: "Removing", Why: "the Deployment is being deleted, and the device has yet to say that it is gone"}
	}
	if all := s.findings(v); len(all) > 0 && (!v.Online || v.Foreign != "" || v.Duplicate || !v.Reported) {
		return &all[0]
	}
	if w.Standing == plane.Broken {
		return &people.Reason{Code: w.Failure.Code, Why: w.Failure.Message, Next: s.next(v, w)}
	}
	switch {
	case w.Told.Digest == "":
		return &people.Reason{Code: "WaitsForItsTurn", Why: "the rollout has not reached it yet; it is told nothing until then", Next: turn(w)}
	case held != nil && held.Digest == w.Told.Digest && w.Told.Digest != w.Deployment.Digest:
		return &people.Reason{
			Code: "WaitsForItsTurn", Why: fmt.Sprintf("it holds release %d (%s) until the rollout reaches it with release %d", held.Release, held.Phase, w.Deployment.EntryGeneration),
			Next: turn(w),
		}
	case held == nil && v.Unacknowledged:
		return &people.Reason{Code: "Unacknowledged", Why: "it was told, and has not said that it has it", Next: "ask for its report: harmony-fleet resync " + v.ID}
	case held == nil:
		return &people.Reason{Code: "Untold", Why: "it is about to be told"}
	case !w.Updated || held.Digest != w.Told.Digest:
		return &people.Reason{Code: "Outdated", Why: fmt.Sprintf("it holds release %d (%.12s, %s), and is on its way to release %d (%.12s)",
			held.Release, held.Digest, held.Phase, w.Told.Generation, w.Told.Digest)}
	}
	return &people.Reason{Code: held.Phase, Why: "it has the release, which is " + held.Phase + " and not yet Running" + colon(held.Message), Next: logs(v.ID, w)}
}

// turn is how to see when the turn of a device comes.
func turn(w plane.Want) string {
	return "see how far it is: harmony-fleet rollout status " + w.Deployment.Name + " --namespace " + w.Deployment.Namespace + " --timeout 0s"
}

// next is what to do about a workload that failed.
func (s *Server) next(v plane.View, w plane.Want) string {
	switch w.Failure.Code {
	case "too-many-deployments":
		return "let fewer Deployments select the device"
	case string(diag.GenerationAhead), "ahead":
		return s.overrule(v)
	}
	return logs(v.ID, w)
}

func logs(device string, w plane.Want) string {
	return "see what it says: harmony-fleet logs " + device + " --deployment " + w.Deployment.Name + " --namespace " + w.Deployment.Namespace
}

func colon(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}
