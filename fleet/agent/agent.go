// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/contract"
)

// drainLimit bounds how long an agent that is told to stop finishes its
// commands; well within the 30 s after which the kubelet kills.
const drainLimit = 10 * time.Second

// Agent is one agent of one device.
type Agent struct {
	config    config.Config
	facts     Facts
	log       *slog.Logger
	instance  contract.InstanceID
	started   time.Time
	link      *link
	commands  *commandServer
	heartbeat *heartbeat
	keeper    *keeper
}

// New makes an agent; Run starts it.
func New(c config.Config, facts Facts, log *slog.Logger) *Agent {
	log = log.With("device", c.Device.String())
	a := &Agent{config: c, facts: facts, log: log, instance: contract.NewInstanceID(), started: time.Now()}
	right := clock.New(clock.Machine{}, clock.Built())
	a.link = newLink(c, right, log)
	a.commands = newCommandServer(c.Device, c.Plane, a.link, log)
	a.commands.now = right.Now
	a.commands.handle(contract.VerbPing, a.ping)
	a.keeper = newKeeper(c, facts, a.instance, a.link, right, log)
	a.keeper.serve(a.commands)
	a.heartbeat = newHeartbeat(c.Device, a.instance, c.HeartbeatInterval, a.link, a.keeper.hash, log)
	return a
}

// Run runs the agent until the context ends, then finishes what it is doing and
// returns nil. It returns an error only when it could not start: a *HealthError.
func (a *Agent) Run(ctx context.Context) error {
	health, err := a.serveHealth(ctx)
	if err != nil {
		return err
	}
	defer health.close()
	a.log.Info("agent starts", "version", a.facts.Version, "instance", a.instance.String(), "nats", a.config.NATS.URLs)

	// What runs is told to stop in order: first no new commands, then the heartbeat and the link that both need.
	living, stop := context.WithCancel(context.WithoutCancel(ctx))
	var parts sync.WaitGroup
	defer parts.Wait()
	defer stop()
	parts.Go(func() { a.link.run(living, a.attach) })
	parts.Go(func() { a.keeper.run(living) })
	parts.Go(func() { a.heartbeat.run(living) })
	parts.Go(func() { a.tellManager(living) })

	<-ctx.Done()
	a.log.Info("agent stops", "because", context.Cause(ctx).Error())
	a.commands.drain(drainLimit)
	return nil
}

// attach listens on a new connection: for manifests and contents first, because the connect is followed by a fetch.
func (a *Agent) attach(conn *nats.Conn) error {
	if err := a.keeper.attach(conn); err != nil {
		return err
	}
	return a.commands.attach(conn)
}
