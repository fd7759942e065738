// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"time"

	"nationtech.io/harmony/fleet/contract"
)

// askEvery is how often a device is asked for its report at most.
const askEvery = 10 * time.Second

// State takes what a device reports. It is what a device says: it is decoded strictly, and concerns that device alone.
func (r *reign) State(device contract.DeviceID, data []byte) {
	if !r.accept(device, "state") {
		return
	}
	report, err := decodeState(data, device, r.plane)
	if !r.understood(device, "state", err) {
		return
	}
	if held, stale := r.state.Report(device.String(), report, time.Now()); stale {
		select {
		case r.stale <- held.Term:
		default: // one is enough: the others are heard again
		}
	}
}

// Heartbeat takes that a device lives, and asks it for its report if that is not known.
func (r *reign) Heartbeat(device contract.DeviceID, data []byte) {
	if !r.accept(device, "heartbeat") {
		return
	}
	beat, err := contract.DecodeHeartbeat(data)
	if !r.understood(device, "heartbeat", err) {
		return
	}
	known := r.state.Heartbeat(device.String(), beat.Instance.String(), beat.State, time.Now())
	if !known || r.lacksInfo(device) && r.asked.spare(time.Now()) {
		r.ask(device)
	}
}

// lacksInfo tells whether it is unknown what a device says about itself: that was said before it was enrolled, or to another leader.
// Its Device says what is known, so that can wait until all have reported.
func (r *reign) lacksInfo(device contract.DeviceID) bool {
	return !r.infos.told(device.String()) && r.converged.Load()
}

// Fetch answers with the manifest of a device, or with a content that its manifest names.
func (r *reign) Fetch(device contract.DeviceID, digest string) {
	if !r.accept(device, "fetch") || !r.understood(device, "fetch", nil) {
		return
	}
	if digest != "" {
		if body, ok := r.contents.get(digest); ok && r.state.Names(device.String(), digest) {
			r.report("answer with a content", r.bus.AnswerBody(device, digest, body))
		}
		return
	}
	w, ok := r.state.Manifest(device.String(), time.Now())
	if !ok {
		return // what is about to be written reaches the device by itself
	}
	if m, err := r.manifest(w); err == nil {
		r.report("answer with a manifest", r.bus.AnswerManifest(device, m.Data))
	}
}

// accept tells whether a message is to be looked at: it comes from a device of this fleet, which is not revoked, and does not
// flood. One that is not is counted, and costs nothing more: it is not even decoded.
func (r *reign) accept(device contract.DeviceID, kind string) bool {
	now, verdict := time.Now(), ""
	switch {
	case !r.state.Known(device.String()):
		verdict = "unknown"
		r.strangers.note(device.String(), now)
	case r.state.Revoked(device.String()):
		verdict = "revoked"
		r.cuts.heard(device.String(), now)
	default:
		much, lasting := r.asked.floods(device.String(), now)
		if lasting {
			r.cuts.flood(device.String(), now)
		}
		if !much {
			return true
		}
		verdict = "flooding"
		r.state.Flood(device.String(), now)
	}
	r.metrics.messages.WithLabelValues(kind, verdict).Inc()
	return false
}

// understood counts a message that was looked at, and tells whether it was understood.
func (r *reign) understood(device contract.DeviceID, kind string, err error) bool {
	verdict := "accepted"
	if err != nil {
		verdict = "refused"
		r.log.Debug("a message was refused", "device", device.String(), "kind", kind, "reason", err.Error())
	}
	r.metrics.messages.WithLabelValues(kind, verdict).Inc()
	return err == nil
}

// ask asks a device for all that it has to report.
func (r *reign) ask(device contract.DeviceID) {
	if !r.asked.may(device.String(), time.Now()) {
		return
	}
	data, err := resync(r.plane, device)
	if err == nil {
		err = r.bus.Command(device, contract.VerbResync, data)
	}
	r.report("ask a device for its report", err)
}
