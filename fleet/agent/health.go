// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"nationtech.io/harmony/fleet/contract"
)

// A HealthError says why the health endpoint could not be opened.
type HealthError struct {
	Address string
	Cause   error
}

func (e *HealthError) Error() string {
	return fmt.Sprintf("health.listen = %q: %v", e.Address, e.Cause)
}

// Unwrap gives the cause.
func (e *HealthError) Unwrap() error { return e.Cause }

// stuckLimit is for how long the agent may make no progress before it is said to be stuck.
const stuckLimit = 10 * time.Second

// Health is the body of /readyz.
type Health struct {
	Ready    bool       `json:"ready"`
	Device   string     `json:"device"`
	Version  string     `json:"version"`
	Instance string     `json:"instance"`
	Started  time.Time  `json:"started_at"`
	NATS     LinkStatus `json:"nats"`
	Commands Commands   `json:"commands"`
	// Runtime is what runs containers, such as "podman 4.3.1"; empty without one.
	Runtime string `json:"runtime,omitempty"`
	Told    Told   `json:"told"`
}

// Told is what the device was told, and how that stands.
type Told struct {
	// Plane is the control plane that the device obeys; empty while it was told nothing.
	Plane     string     `json:"plane,omitempty"`
	Order     string     `json:"order,omitempty"` // EPOCH.TERM.NUMBER of the manifest
	Workloads []Workload `json:"workloads"`
	Findings  []Finding  `json:"findings"`
}

// Workload is one of the device's workloads, in the words of its report.
type Workload struct {
	Name     string    `json:"name"` // NAMESPACE/NAME
	Phase    string    `json:"phase"`
	Since    time.Time `json:"since"`
	Restarts int       `json:"restarts"`
	Code     string    `json:"code,omitempty"`
	Message  string    `json:"message,omitempty"`
}

// Finding is something amiss that belongs to no workload.
type Finding struct {
	Kind    string    `json:"kind"`
	Since   time.Time `json:"since"`
	Code    string    `json:"code,omitempty"`
	Message string    `json:"message,omitempty"`
}

// Commands counts the commands of one run of an agent.
type Commands struct {
	Answered uint64 `json:"answered"`
	Refused  uint64 `json:"refused"` // answered with an error
	Ignored  uint64 `json:"ignored"` // garbage, and requests that had been here before
}

// Handler answers /healthz (200 while the agent makes progress, else 503) and
// /readyz (200 as soon as it runs, with a Health as JSON). NATS is told in the
// body and is no reason to be unready: an agent works without it.
func (a *Agent) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if stuck := a.heartbeat.stuck(); stuck > stuckLimit {
			http.Error(w, fmt.Sprintf("no progress for %s", stuck.Round(time.Second)), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body := json.NewEncoder(w)
		body.SetIndent("", "  ")
		// The reader has gone if this fails.
		_ = body.Encode(a.health())
	})
	return mux
}

func (a *Agent) health() Health {
	return Health{
		Ready: true, Device: a.config.Device.String(), Version: a.facts.Version, Instance: a.instance.String(), Started: a.started, NATS: a.link.now(),
		Commands: Commands{a.commands.answered.Load(), a.commands.refused.Load(), a.commands.ignored.Load()},
		Runtime:  a.keeper.info().Runtime, Told: toldOf(a.keeper.state()),
	}
}

func toldOf(s contract.State) Told {
	t := Told{Workloads: []Workload{}, Findings: []Finding{}}
	if !s.Plane.IsZero() {
		t.Plane, t.Order = s.Plane.String(), fmt.Sprintf("%d.%d.%d", s.Order.Epoch, s.Order.Term, s.Order.Number)
	}
	for _, w := range s.Workloads {
		t.Workloads = append(t.Workloads, Workload{w.Namespace + "/" + w.Name, string(w.Phase), w.Since, int(w.Restarts), w.Code, w.Message})
	}
	for _, f := range s.Findings {
		t.Findings = append(t.Findings, Finding{string(f.Kind), f.Since, f.Code, f.Message})
	}
	return t
}

// endpoint is a health endpoint that runs.
type endpoint struct {
	server *http.Server
	done   sync.WaitGroup
}

func (a *Agent) serveHealth(ctx context.Context) (*endpoint, error) {
	e := &endpoint{}
	if a.config.HealthListen == "" {
		return e, nil
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", a.config.HealthListen)
	if err != nil {
		return nil, &HealthError{a.config.HealthListen, err}
	}
	a.log.Info("health endpoint listens", "address", listener.Addr().String())
	e.server = &http.Server{
		Handler: a.Handler(), ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10,
	}
	e.done.Go(func() { _ = e.server.Serve(listener) }) // returns when close is called, and only then
	return e, nil
}

func (e *endpoint) close() {
	if e.server != nil {
		_ = e.server.Close()
	}
	e.done.Wait()
}
