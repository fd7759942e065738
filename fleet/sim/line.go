// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/fleet/contract"
)

// A Line is a connection with the rights of the devices that speak on it: one, as in a real fleet, or several, which saves
// sockets and leaves the protocol as it is.
type Line struct {
	Conn    *natsgo.Conn
	Devices []contract.DeviceID
}

// Login gives the user and the password of a line with those devices.
type Login func(devices []contract.DeviceID) (user, password string)

// Groups are the devices of one line each, in order; each has the same number of them, but for the last.
func Groups(devices []contract.DeviceID, each int) (all [][]contract.DeviceID) {
	for each = max(each, 1); len(devices) > 0; devices = devices[min(each, len(devices)):] {
		all = append(all, devices[:min(each, len(devices))])
	}
	return all
}

const (
	dialsAtOnce = 64
	dialLimit   = 20 * time.Second // under the load of thousands that connect
	// pingInterval is that of an agent: a half-open connection is found after three of these.
	pingInterval = 20 * time.Second
)

// Connect makes a line for each group of devices. All of them are closed when one cannot be made.
func Connect(ctx context.Context, url string, login Login, groups [][]contract.DeviceID) ([]Line, error) {
	lines := make([]Line, len(groups))
	dials, ctx := errgroup.WithContext(ctx)
	dials.SetLimit(dialsAtOnce)
	for i, devices := range groups {
		dials.Go(func() error {
			if ctx.Err() != nil {
				return fmt.Errorf("connect device %s: %w", devices[0], context.Cause(ctx))
			}
			user, password := login(devices)
			conn, err := natsgo.Connect(url, natsgo.Name("simulated "+devices[0].String()), natsgo.UserInfo(user, password), natsgo.Timeout(dialLimit),
				natsgo.MaxReconnects(-1), natsgo.ReconnectWait(time.Second), natsgo.IgnoreAuthErrorAbort(), natsgo.ReconnectBufSize(-1),
				natsgo.PingInterval(pingInterval), natsgo.MaxPingsOutstanding(2))
			if err != nil {
				return fmt.Errorf("connect device %s: %w", devices[0], err)
			}
			lines[i] = Line{conn, devices}
			return nil
		})
	}
	if err := dials.Wait(); err != nil {
		Close(lines)
		return nil, err
	}
	return lines, nil
}

// Close closes lines.
func Close(lines []Line) {
	for _, l := range lines {
		if l.Conn != nil {
			l.Conn.Close()
		}
	}
}
