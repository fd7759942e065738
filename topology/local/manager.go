// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"time"

	"nationtech.io/harmony/event"
	"nationtech.io/harmony/internal/source/child"
)

// A manager runs the localkube program for one cluster.
type manager struct {
	path    string
	cluster string
	sources string // the directory of localkube's module; empty: it knows by itself
}

// patience is how long an interrupted localkube may take to undo what is half done.
const patience = 20 * time.Second

// line is what localkube says with --output json, one object a line.
type line struct {
	Event string `json:"event"`

	// progress
	Step    string `json:"step"`
	Message string `json:"message"`
	Done    int    `json:"done"`
	Total   int    `json:"total"`

	// error, with Message
	Kind    string    `json:"kind"`
	Missing []missing `json:"missing"`
	Log     []string  `json:"log"`
}

// missing is one thing that the machine lacks.
type missing struct {
	What string `json:"what"`
	Why  string `json:"why"`
	Help string `json:"help"`
}

// up starts the cluster unless it stands.
func (m manager) up(ctx context.Context, nodes int) (Cluster, error) {
	args := []string{"up"}
	if nodes > 0 {
		args = append(args, "--nodes", strconv.Itoa(nodes))
	}
	start := time.Now()
	var up Cluster
	if err := m.run(ctx, "ready", &up, args...); err != nil {
		return Cluster{}, m.didNotStart(ctx, err)
	}
	up.Took = event.Seconds(time.Since(start))
	return up, nil
}

// loaded is the images of each node.
type loaded struct {
	Nodes map[string][]loadedImage `json:"nodes"`
}

type loadedImage struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

func (m manager) images(ctx context.Context) (loaded, error) {
	var got loaded
	err := m.run(ctx, "images", &got, "image", "list")
	return got, err
}

func (m manager) load(ctx context.Context, archive string) error {
	var got loaded
	return m.run(ctx, "loaded", &got, "image", "load", archive)
}

// run runs a command of localkube, makes events of its progress, and decodes its result,
// which is the line of that event. Its error is a *failure.
func (m manager) run(ctx context.Context, result string, into any, args ...string) error {
	f := &failure{command: strings.Join(args, " ")}
	args = append(args, "--name", m.cluster, "--output", "json")
	cmd := child.Command(ctx, patience, m.path, args...)
	if m.sources != "" {
		cmd.Env = append(os.Environ(), "LOCALKUBE_SOURCE="+m.sources)
	}
	got := false
	stdout, endOut := child.Lines(func(text string) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			f.note(text)
			return
		}
		switch l.Event {
		case "progress":
			event.Emit(ctx, event.Progress{Text: l.text(), Done: l.Done, Total: l.Total})
		case "error":
			f.said = l
		case result:
			got = json.Unmarshal([]byte(text), into) == nil
		}
	})
	stderr, endErr := child.Lines(f.note)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	f.err = cmd.Run()
	endOut()
	endErr()
	if f.err == nil && f.said.Event == "" && got {
		return nil
	}
	return f
}

func (l line) text() string {
	if l.Step == "build" {
		return "building " + l.Message + " for the local Kubernetes"
	}
	return l.Message
}
