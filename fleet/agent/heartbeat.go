// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"nationtech.io/harmony/fleet/contract"
)

// heartbeat says at every interval, and whenever the link comes up, that the device lives.
type heartbeat struct {
	device   contract.DeviceID
	instance contract.InstanceID
	interval time.Duration
	link     *link
	log      *slog.Logger
	state    func() string // contract.ReportHash of the last report; empty before the first

	sequence uint64
	turned   atomic.Pointer[time.Time] // when the loop last went round, which setting the clock does not change
}

func newHeartbeat(device contract.DeviceID, instance contract.InstanceID, interval time.Duration, l *link, state func() string, log *slog.Logger) *heartbeat {
	h := &heartbeat{device: device, instance: instance, interval: interval, link: l, state: state, log: log}
	h.turned.Store(new(time.Now()))
	return h
}

func (h *heartbeat) run(ctx context.Context) {
	ticker := time.NewTicker(h.interval)
	defer ticker.Stop()
	for {
		h.turned.Store(new(time.Now()))
		h.beat()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-h.link.up:
		}
	}
}

// beat sends one heartbeat. Without a connection there is none: an old one that
// came late would tell of a device that lived.
func (h *heartbeat) beat() {
	if !h.link.connected() {
		return
	}
	data, err := contract.Heartbeat{Instance: h.instance, Sequence: h.sequence + 1, State: h.state()}.Encode()
	if err == nil {
		err = h.link.publish(contract.HeartbeatSubject(h.device), data)
	}
	if err != nil {
		h.log.Warn("a heartbeat was not sent", "reason", err.Error())
		return
	}
	h.sequence++
}

// stuck is for how long the loop has not gone round although it should have.
func (h *heartbeat) stuck() time.Duration {
	return time.Since(*h.turned.Load()) - h.interval
}
