// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"log/slog"
	"net/http"
	"runtime"
	"time"
)

// Config is what a callout must be told.
type Config struct {
	NATS NATS
	// Issuer is the identity provider's name, from which it is discovered.
	Issuer string
	// HTTP asks it; http.DefaultClient when nil.
	HTTP *http.Client
	// Directory knows the fleet.
	Directory Directory
	// Audience is what tokens must be for, where the provider does not say contract.NATSAudience of the fleet's control plane.
	Audience string
	// DeviceClaim and RolesClaim are as in token.Verifier.
	DeviceClaim, RolesClaim string
	// KeyFiles hold the seeds of ReadKeys. They are read anew when they change.
	KeyFiles []string
	// Workers answer side by side; one for each processor when zero.
	Workers int
	// Waiting is how many questions may wait; 4096 when zero. More are dropped, and who asked comes back.
	Waiting int
	// Listen is the address of /metrics, /healthz and /readyz; nobody listens when it is empty.
	Listen string
	Log    *slog.Logger
}

// NATS says how a callout connects: as a user that the servers know by themselves.
type NATS struct {
	URLs               []string
	User, PasswordFile string
	// CAFile holds the authorities of the servers' certificates; those of the system when empty.
	CAFile string
}

const (
	defaultWaiting = 4096
	// longestWait is how long a question waits before it is dropped. Servers of a fleet wait for 5 s; an answer that comes
	// later is work for nothing.
	longestWait = 2 * time.Second
	// reloadEvery is how often files are looked at.
	reloadEvery = time.Second
	// refreshEvery is how often the provider's keys are fetched without being asked for: keys that it no longer publishes
	// are then no longer good.
	refreshEvery = 5 * time.Minute
)

func (c Config) complete() (Config, error) {
	switch {
	case len(c.NATS.URLs) == 0 || c.NATS.User == "" || c.NATS.PasswordFile == "":
		return c, unusable("nats").Saw("a URL, a user and the file of its password are needed")
	case c.Issuer == "":
		return c, unusable("issuer").Saw("there is none")
	case c.Directory == nil:
		return c, unusable("directory").Saw("there is none")
	}
	if c.HTTP == nil {
		c.HTTP = http.DefaultClient
	}
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Waiting <= 0 {
		c.Waiting = defaultWaiting
	}
	return c, nil
}
