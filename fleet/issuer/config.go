// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"log/slog"
	"net/url"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// TokenLifetime is how long an access token is good. Whoever loses their rights has them for no longer than that with a
// token that they hold; the callout cuts devices off earlier.
const TokenLifetime = 10 * time.Minute

const (
	// assertionLifetime is the longest that an assertion may be good for.
	assertionLifetime = time.Minute
	// clockSkew is by how much the clock of whoever signs an assertion may differ. Agents correct theirs by the Date that
	// every answer has.
	clockSkew = 5 * time.Second
)

// Config is what an issuer must be told.
type Config struct {
	// URL is the issuer's name, and where people and machines reach it: https, or http where the network is trusted.
	URL string
	// Plane is the control plane that tokens are for.
	Plane contract.PlaneID
	// Keys says how long signing keys overlap: 5 minutes before, and a quarter of an hour after, when zero.
	Keys registry.Schedule
	// RotateEvery is after how long a new signing key is made; 30 days when zero.
	RotateEvery time.Duration
	// TokenLifetime is how long a token is good; the constant of that name when zero.
	TokenLifetime time.Duration
	// ConnectsPerSecond is how many connections all callouts together let in each second. Devices are told over what time they
	// come back when all were cut off; nothing is said when it is zero.
	ConnectsPerSecond int
	Log               *slog.Logger
}

const (
	defaultLead   = 5 * time.Minute
	defaultKeep   = TokenLifetime + 5*time.Minute
	defaultRotate = 30 * 24 * time.Hour
)

// complete gives c with its defaults. Its error is a Diagnostic with the code IssuerUnusable.
func (c Config) complete() (Config, error) {
	if err := c.named(); err != nil {
		return c, err
	}
	if c.Plane.IsZero() {
		return c, diag.New(diag.IssuerUnusable, "plane").Saw("there is no control plane that tokens could be for")
	}
	if c.Keys == (registry.Schedule{}) {
		c.Keys = registry.Schedule{Lead: defaultLead, Keep: defaultKeep}
	}
	if c.RotateEvery == 0 {
		c.RotateEvery = defaultRotate
	}
	if c.TokenLifetime == 0 {
		c.TokenLifetime = TokenLifetime
	}
	return c, nil
}

// named tells whether the issuer can be called so.
func (c Config) named() error {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return diag.New(diag.IssuerUnusable, "url").Because(err)
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return diag.New(diag.IssuerUnusable, "url").Saw("it is no https://HOST[:PORT], nor http://HOST[:PORT]")
	}
	return nil
}

func (c Config) secure() bool { return len(c.URL) > 5 && c.URL[:5] == "https" }
