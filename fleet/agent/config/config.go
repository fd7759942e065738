// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"log/slog"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/secret"
)

// Config is a valid configuration.
type Config struct {
	Device contract.DeviceID
	// Plane is the control plane to obey; zero when none is known yet, and then any is obeyed.
	Plane             contract.PlaneID
	HeartbeatInterval time.Duration
	NATS              NATS
	// Credentials are those of type "user-pass", if Profile is nil.
	Credentials UserPass
	// Profile are those of type "jwt-profile"; nil where a user and a password are given.
	Profile *Profile
	// HealthListen is host:port of the health endpoint; empty for none.
	HealthListen string
	Log          Log
	Runtime      Runtime
	// Labels are told in the device's inventory.
	Labels []contract.Label
}

// NATS says where the fleet's NATS is.
type NATS struct {
	URLs []string
	// CAFile is a PEM file with the authorities that the server's certificate is checked
	// against; empty for those of the system.
	CAFile string
	// ReconnectSpread is the time over which the devices of the fleet come back when all were cut off: one and a half times
	// their number divided by how many the callouts let in each second. Zero for what the identity provider says.
	ReconnectSpread time.Duration
}

// UserPass are credentials of type "user-pass".
type UserPass struct {
	User         string
	password     secret.Value
	passwordFile string
}

// Log says what is logged, and how.
type Log struct {
	Level slog.Level
	JSON  bool
}

// Example is a configuration with every field; all but device, nats.urls and credentials may be left out.
const Example = `device             = "press-07"  # a-z, 0-9 and '-', at most 63
heartbeat_interval = "10s"
runtime_enabled    = false       # true where podman runs workloads
# plane            = "3f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a35"  # obey only this control plane

[nats]
urls    = ["tls://nats.example.com:4222"]
# ca_file = "/etc/harmony-fleet-agent/ca.pem"
# reconnect_spread = "8s"        # all devices come back over that time; by default what the identity provider says

[credentials]
type          = "user-pass"
user          = "press-07"
password_file = "/etc/harmony-fleet-agent/password"  # not readable by others

#[credentials]                   # in place of those: a key of this device, for which an identity provider gives tokens
#type     = "jwt-profile"
#issuer   = "https://issuer.example.com"
#key_file = "/etc/harmony-fleet-agent/key.pem"  # not readable by others; or key_credential, a name of LoadCredential=
#ca_file  = "/etc/harmony-fleet-agent/ca.pem"
#machine   = "22334455"          # these where another provider than Harmony's needs them
#key_id    = "7"
#scope     = "openid"
#audience  = "https://issuer.example.com/oauth2/token"
#client_id = "harmony-fleet-agent"

[runtime]
state_dir     = "/var/lib/harmony-fleet-agent"
podman_socket = "/run/podman/podman.sock"
exec_allow    = []               # programs within services that exec may run, such as ["/bin/ls"]; none when empty

# [registries."registry.example.com"]
# user          = "press-07"
# password_file = "/etc/harmony-fleet-agent/registry-password"

[labels]                         # told in the inventory
site = "north"

[health]
listen = "127.0.0.1:8787"        # in a Pod "0.0.0.0:8080"; "" for none

[log]
level  = "info"                  # debug, info, warn, error
format = "text"                  # text, json
`

const (
	defaultHeartbeat = 10 * time.Second
	defaultHealth    = "127.0.0.1:8787"

	minHeartbeat = 100 * time.Millisecond
	maxHeartbeat = 5 * time.Minute // after which a device is said to be offline

	maxSpread = 10 * time.Minute
)
