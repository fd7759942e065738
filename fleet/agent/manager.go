// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"net"
	"os"
	"strconv"
	"time"

	"nationtech.io/harmony/wait"
)

// defaultWatch is how often systemd hears that the agent makes progress, if it does not want to hear it more often.
const defaultWatch = 30 * time.Second

// tellManager tells systemd that the agent runs, and again and again that it makes progress, as sd_notify(3) and
// sd_watchdog_enabled(3) say it. Without systemd it does nothing.
func (a *Agent) tellManager(ctx context.Context) {
	to := os.Getenv("NOTIFY_SOCKET")
	if to == "" {
		return
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unixgram", to)
	if err != nil {
		a.log.Warn("systemd does not hear the agent", "reason", err.Error())
		return
	}
	defer func() { _ = conn.Close() }() // nothing is waited for
	say := func(text string) {
		if _, err := conn.Write([]byte(text)); err != nil {
			a.log.Warn("systemd does not hear the agent", "reason", err.Error())
		}
	}
	say("READY=1")
	for wait.Sleep(ctx, watch(os.Getenv("WATCHDOG_USEC"))) == nil {
		if a.heartbeat.stuck() <= stuckLimit {
			say("WATCHDOG=1")
		}
	}
	say("STOPPING=1")
}

// watch is half of the time after which systemd takes the agent for dead.
func watch(usec string) time.Duration {
	limit, err := strconv.ParseInt(usec, 10, 64)
	if err != nil || limit <= 0 {
		return defaultWatch
	}
	return time.Duration(limit) * time.Microsecond / 2
}
