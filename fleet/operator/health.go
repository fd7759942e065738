// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"nationtech.io/harmony/diag"
)

// stuckAfter is for how long a leader's loops may not go round before it counts as stuck.
const stuckAfter = time.Minute

// syncLimit bounds how long a probe waits for the watches, which have caught up long before as a rule.
const syncLimit = time.Second

// probes says what /healthz and /readyz of the process mean: a process is healthy while its loops go round, and ready when it
// knows what is in Kubernetes and is connected to NATS, so that it leads, or can lead at once.
func (o *operator) probes(m manager.Manager) error {
	err := m.AddHealthzCheck("loops", func(*http.Request) error { return o.goesRound(time.Now()) })
	if err == nil {
		err = m.AddReadyzCheck("kubernetes", func(of *http.Request) error { return o.synced(of, m.GetCache()) })
	}
	if err == nil {
		err = m.AddReadyzCheck("nats", func(*http.Request) error { return o.connected() })
	}
	if err != nil {
		return fmt.Errorf("answer probes: %w", err)
	}
	return nil
}

func (o *operator) synced(of *http.Request, c cache.Cache) error {
	ctx, cancel := context.WithTimeout(of.Context(), syncLimit)
	defer cancel()
	if !c.WaitForCacheSync(ctx) {
		return diag.New(diag.OperatorUnready).Saw("the watches of Kubernetes have not caught up")
	}
	return nil
}

// goesRound tells whether a leader's loops go round.
func (o *operator) goesRound(now time.Time) error {
	if last := o.lively.Load(); o.leading.Load() && now.Sub(*last) > stuckAfter {
		return diag.New(diag.OperatorUnready).Saw("the loops of the leader last went round at " + last.UTC().Format(time.RFC3339))
	}
	return nil
}

func (o *operator) connected() error {
	if connected, why := o.bus.Connected(); !connected {
		return diag.New(diag.OperatorUnready).Saw(why)
	}
	return nil
}
