// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"nationtech.io/harmony/fleet/agent"
	"nationtech.io/harmony/fleet/agent/config"
)

const (
	askLimit = 3 * time.Second
	// stopped is the exit code when no agent runs, as of systemctl status.
	stopped = 3
)

// status says how the agent of this device stands, as systemctl status does.
func status(c config.Config, path string) int {
	if c.HealthListen == "" {
		fmt.Fprintf(os.Stderr, "error: the agent cannot be asked: %s has health.listen = \"\"\n", path)
		return misuse
	}
	h, err := ask(c.HealthListen)
	if err != nil {
		fmt.Printf("○ %s - Harmony fleet agent\n     Active: not running: %v\n\n%s", c.Device, err, further)
		fmt.Printf("What ran goes on running without it:\n  podman ps\n")
		return stopped
	}
	if h.Device != c.Device.String() {
		fmt.Fprintf(os.Stderr, "error: the agent on %s is of device %s, and not of %s\n", c.HealthListen, h.Device, c.Device)
		return failed
	}
	show(os.Stdout, h, time.Now())
	fmt.Printf("\n%s", further)
	return done
}

const further = "Its log:\n  journalctl --unit harmony-fleet-agent\n"

func ask(address string) (h agent.Health, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), askLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", http.NoBody)
	if err != nil {
		return h, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return h, errors.Unwrap(err) // without the URL, which people do not know
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&h); err != nil {
		return h, fmt.Errorf("what answers on %s is no agent: %w", address, err)
	}
	return h, nil
}

// show writes what an agent says of itself.
func show(to io.Writer, h agent.Health, now time.Time) {
	since := func(t time.Time) string {
		return fmt.Sprintf("since %s; %s ago", t.Local().Format("Mon 2006-01-02 15:04:05 MST"), now.Sub(t).Round(time.Second))
	}
	var ills int
	for _, w := range h.Told.Workloads {
		if mark(w.Phase) == bad {
			ills++
		}
	}
	head := good
	if !h.NATS.Connected || ills+len(h.Told.Findings) > 0 {
		head = bad
	}
	fmt.Fprintf(to, "%s %s - Harmony fleet agent %s\n     Active: running %s\n", head, h.Device, h.Version, since(h.Started))
	if h.NATS.Connected {
		fmt.Fprintf(to, "      Fleet: connected to %s %s\n", h.NATS.Server, since(h.NATS.Since))
	} else {
		fmt.Fprintf(to, "      Fleet: not connected %s\n", since(h.NATS.Since))
	}
	if h.NATS.LastError != "" {
		fmt.Fprintf(to, "             %s\n", h.NATS.LastError)
	}
	if h.Told.Plane == "" {
		fmt.Fprintln(to, "       Told: nothing yet")
	} else {
		fmt.Fprintf(to, "       Told: manifest %s of control plane %s\n", h.Told.Order, h.Told.Plane)
	}
	if h.Runtime != "" {
		fmt.Fprintf(to, "    Runtime: %s\n", h.Runtime)
	}
	for i, w := range h.Told.Workloads {
		fmt.Fprintf(to, "%s %s %s: %s %s", label("  Workloads:", i), mark(w.Phase), w.Name, w.Phase, since(w.Since))
		if w.Restarts > 0 {
			fmt.Fprintf(to, ", restarted %d times", w.Restarts)
		}
		fmt.Fprintln(to)
		explain(to, w.Code, w.Message)
	}
	for i, f := range h.Told.Findings {
		fmt.Fprintf(to, "%s %s %s %s\n", label("      Amiss:", i), bad, f.Kind, since(f.Since))
		explain(to, f.Code, f.Message)
	}
}

func label(text string, i int) string {
	if i > 0 {
		return strings.Repeat(" ", len(text))
	}
	return text
}

// The marks of what is well, on its way, and not well.
const good, onItsWay, bad = "●", "◌", "✗"

func mark(phase string) string {
	switch phase {
	case "Running", "Unlisted":
		return good
	case "Failed", "Degraded", "Ahead":
		return bad
	}
	return onItsWay
}

func explain(to io.Writer, code, message string) {
	for i, line := range strings.Split(strings.TrimSpace(message), "\n") {
		if i == 0 && code != "" {
			line = code + ": " + line
		}
		if line != "" {
			fmt.Fprintf(to, "               %s\n", line)
		}
	}
}
