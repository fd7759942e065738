// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/secret"
)

// A called is a place whose server asks a callout.
type called struct {
	kube.Reader
	*callouttest.World
}

// system is how what reloads servers logs in.
var system = messaging.Login{Service: kube.Service{Namespace: "demo", Name: "nats", Port: 4222}, User: callouttest.System, Secret: "system", Key: "password"}

func (called) Secret(context.Context, string, string) (map[string]secret.Value, error) {
	return map[string]secret.Value{system.Key: secret.New(callouttest.System)}, nil
}

func (c called) Dial(ctx context.Context, _ kube.Service) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(c.URL(), "nats://"))
}

// reloads tells the server to take over what it never will, and tells whether it tried within a while, and why not.
func (c called) reloads(t *testing.T) (bool, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	before := c.Server.ConfigTime()
	err := messaging.Through(c).Reload(ctx, system, messaging.Configuration{
		Tag: "another", Servers: 1, Known: []string{callouttest.Administrator, callouttest.System, callouttest.Kicker, callouttest.Tap, "callout"},
	})
	return c.Server.ConfigTime().After(before), err
}

func TestAServerIsReloadedOnlyWhileACalloutAnswersForWhomItLetIn(t *testing.T) {
	t.Parallel()
	c := called{World: callouttest.Start(t)}
	c.Static(callouttest.Administrator)
	if done, err := c.reloads(t); !done {
		t.Errorf("nobody was let in by a callout, and the server is not reloaded: %v", err)
	}
	stop := c.Callout(func(*callout.Config) {})
	device := c.Device("press-07")
	if done, err := c.reloads(t); !done {
		t.Errorf("a callout answers, and the server is not reloaded: %v", err)
	}
	stop()
	if done, err := c.reloads(t); done || !strings.Contains(err.Error(), "no callout answers, and n0 would cut") {
		t.Errorf("no callout answers: reloaded %v, %v", done, err)
	}
	if err := device.Flush(); err != nil || device.Stats().Reconnects != 0 {
		t.Errorf("the device was cut: %v", err)
	}
}
