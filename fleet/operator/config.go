// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"log/slog"
	"time"

	"nationtech.io/harmony/fleet/operator/bus"
	"nationtech.io/harmony/fleet/operator/kick"
)

// Config is what an operator must be told.
type Config struct {
	// Namespace is that of the fleet's FleetState; its name is the fleet's.
	Namespace string
	// Namespaces are where Deployments are looked for.
	Namespaces []string
	// Identity names this process among the operators of the fleet: the name of its Pod.
	Identity string
	NATS     bus.Config
	// Kick is who closes connections of devices that are revoked or deleted, have lost a key, or flood; none are closed when its user is empty.
	Kick kick.Config
	// HealthListen and MetricsListen are addresses to listen on; nobody listens when they are empty.
	HealthListen, MetricsListen string
	// APIListen is the address of the API for people, while this process leads; nobody listens when it is empty.
	APIListen string
	// RemovalLimit is for how long a Deployment that is being deleted waits for devices that are online; 10 minutes when zero.
	RemovalLimit time.Duration
	// OfflineLimit is for how long it waits for devices that are offline; a minute when zero. They remove the workload when
	// they come back.
	OfflineLimit time.Duration
	Log          *slog.Logger
}

const (
	defaultRemovalLimit = 10 * time.Minute
	defaultOfflineLimit = time.Minute
)
