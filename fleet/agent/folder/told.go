// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package folder

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"nationtech.io/harmony/fleet/contract"
)

// Told is what a device is told when it is enrolled.
type Told struct {
	Device contract.DeviceID
	Plane  contract.PlaneID
	Issuer string
	Access contract.Access
	// Machine, KeyID and Scope are what another provider than Harmony's needs; empty for none.
	Machine, KeyID, Scope string
}

// written is agent.toml as far as an enrolment knows it. The rest is the agent's defaults.
type written struct {
	Device  string `toml:"device"`
	Plane   string `toml:"plane"`
	Runtime bool   `toml:"runtime_enabled" comment:"podman runs workloads; false where there is none"`
	NATS    struct {
		URLs   []string `toml:"urls"`
		CAFile string   `toml:"ca_file,omitempty"`
	} `toml:"nats"`
	Credentials struct {
		Type    string `toml:"type"`
		Issuer  string `toml:"issuer"`
		KeyFile string `toml:"key_file"`
		CAFile  string `toml:"ca_file,omitempty"`
		Machine string `toml:"machine,omitempty"`
		KeyID   string `toml:"key_id,omitempty"`
		Scope   string `toml:"scope,omitempty"`
	} `toml:"credentials"`
}

const heading = "# Written when this device was enrolled. All fields: harmony-fleet-agent --help\n"

// A pem is a file of authorities.
type pem struct{ name, text string }

// nats and provider are the authorities of either; without a name those of the system.
func (t Told) nats() pem { return pem{AuthoritiesFile, t.Access.Authorities}.orSystem() }

func (t Told) provider() pem {
	if t.Access.OfIssuer() == t.Access.Authorities {
		return t.nats()
	}
	return pem{IssuerAuthoritiesFile, t.Access.OfIssuer()}.orSystem()
}

func (p pem) orSystem() pem {
	if p.text == "" {
		return pem{}
	}
	return p
}

// authorities are the files that there must be.
func (t Told) authorities() []pem {
	all := []pem{t.nats(), t.provider()}
	return slices.DeleteFunc(slices.Compact(all), func(p pem) bool { return p == pem{} })
}

// toml is the configuration of an agent whose folder is at dir. Authorities are named where a connection has TLS: a
// client that has some to trust insists on it.
func (t Told) toml(dir string) ([]byte, error) {
	w := written{Device: t.Device.String(), Plane: t.Plane.String(), Runtime: true}
	w.NATS.URLs = t.Access.NATS
	w.Credentials.Type, w.Credentials.Issuer, w.Credentials.KeyFile = "jwt-profile", t.Issuer, filepath.Join(dir, KeyFile)
	w.Credentials.Machine, w.Credentials.KeyID, w.Credentials.Scope = t.Machine, t.KeyID, t.Scope
	if p := t.nats(); p.name != "" && slices.ContainsFunc(t.Access.NATS, secured) {
		w.NATS.CAFile = filepath.Join(dir, p.name)
	}
	if p := t.provider(); p.name != "" && secured(t.Issuer) {
		w.Credentials.CAFile = filepath.Join(dir, p.name)
	}
	text, err := toml.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encode a configuration: %w", err)
	}
	return append([]byte(heading), text...), nil
}

func secured(address string) bool {
	scheme, _, _ := strings.Cut(address, "://")
	return scheme == "tls" || scheme == "wss" || scheme == "https"
}

// deviceOf is whose configuration that is.
func deviceOf(text []byte) (string, error) {
	var c struct {
		Device string `toml:"device"`
	}
	if err := toml.Unmarshal(text, &c); err != nil {
		return "", fmt.Errorf("read whose it is: %w", err)
	}
	return c.Device, nil
}
