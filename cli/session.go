// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

type opener func(context.Context) (Place, error)

// A session is one command at work: its place, its reporters and its flags.
type session struct {
	app     App
	streams Streams
	look    look
	common  *common
	place   Place
	run     harmony.Run
	events  io.Closer // nil without --events
	bundle  *bundle   // nil without --bundle
	quiet   func()    // ends what is shown to people while it happens
	ask     func(context.Context) error
}

// stepOpen is the opening of a place.
const stepOpen = "open"

// begin opens reporters and the place.
func (a App) begin(ctx context.Context, c *common, streams Streams) (*session, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	open, err := a.topology(c)
	if err != nil {
		return nil, err
	}
	s, err := a.listen(c, streams)
	if err != nil {
		return nil, err
	}
	ctx, cancel := untilStop(ctx)
	defer cancel()
	ctx = event.Into(ctx, s.run.Events)
	opened := event.Begin(ctx, stepOpen)
	place, err := open(ctx)
	opened(err)
	if err != nil {
		return nil, errors.Join(err, s.conclude(harmony.Report{}, err), s.end())
	}
	s.place = place
	return s, nil
}

// listen opens reporters, and no place.
func (a App) listen(c *common, streams Streams) (*session, error) {
	s := &session{app: a, streams: streams, look: lookOf(streams.Err), common: c, ask: streams.Ask}
	people, quiet := reporter(streams.Err, s.look)
	sinks := []event.Sink{people}
	if c.events != "" {
		file, err := os.OpenFile(c.events, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			quiet()
			return nil, (&FlagError{"events", c.events, err}).diagnostic()
		}
		s.events, sinks = file, append(sinks, event.JSONLines(file))
	}
	s.quiet = sync.OnceFunc(quiet)
	s.run = harmony.Run{Limit: c.timeout}
	if c.bundle != "" {
		var err error
		if s.bundle, err = newBundle(c.bundle); err != nil {
			return nil, errors.Join(err, s.end())
		}
		sinks = append(sinks, event.JSONLines(s.bundle.events))
		s.run.Failed = s.failed
	}
	s.run.Events = event.Tee(sinks...)
	return s, nil
}

// conclude ends the bundle, if there is to be one.
func (s *session) conclude(report harmony.Report, err error) error {
	if s.bundle == nil {
		return nil
	}
	s.quiet()
	return s.bundle.conclude(s.app, s.streams, s.whole(report, err), err)
}

// end closes what begin opened.
func (s *session) end() error {
	s.quiet()
	if s.place != nil {
		s.place.Close()
	}
	if s.events == nil {
		return nil
	}
	return s.events.Close()
}

// topology finds the one that was asked for, or says which there are.
func (a App) topology(c *common) (opener, error) {
	if open, ok := c.open[c.topology]; ok {
		return open, nil
	}
	d := diag.New(diag.UnknownTopology, "--topology")
	if c.topology == "" {
		d.Saw("--topology is missing; there is no default, so that nothing is deployed to a place by accident")
	} else {
		d.Saw(fmt.Sprintf("%q is not a topology that %s was built with", c.topology, a.Name))
		for _, name := range diag.Near(c.topology, a.topologyNames()) {
			d.Try("did you mean " + name + "?")
		}
	}
	for _, t := range a.Topologies {
		d.Try(fmt.Sprintf("--topology %-11s %s", t.Name, t.What))
	}
	return nil, d
}
