// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"context"
	"slices"
	"time"
)

// A Record is an event with when it happened and where: the path of names from
// the outermost composite inwards; empty for the run as a whole.
type Record struct {
	At    time.Time
	Path  []string
	Event Event
}

// A Sink takes the events of a run. It is called from several goroutines at once.
type Sink interface{ Emit(Record) }

// SinkFunc is a function that is a Sink.
type SinkFunc func(Record)

// Emit calls f.
func (f SinkFunc) Emit(r Record) { f(r) }

// Tee sends each event to all sinks in order; nil sinks are left out.
func Tee(sinks ...Sink) Sink {
	sinks = slices.DeleteFunc(slices.Clone(sinks), func(s Sink) bool { return s == nil })
	return SinkFunc(func(r Record) {
		for _, s := range sinks {
			s.Emit(r)
		}
	})
}

type scopeKey struct{}

type scope struct {
	sink Sink
	path []string
}

// Into gives a context whose events go to sink.
func Into(ctx context.Context, sink Sink) context.Context {
	return context.WithValue(ctx, scopeKey{}, scope{sink: sink})
}

// At gives a context whose events happen one name further inwards.
func At(ctx context.Context, name string) context.Context {
	s, _ := ctx.Value(scopeKey{}).(scope)
	s.path = append(slices.Clip(s.path), name)
	return context.WithValue(ctx, scopeKey{}, s)
}

// Emit sends e to the context's sink; without one it does nothing.
func Emit(ctx context.Context, e Event) {
	if s, ok := ctx.Value(scopeKey{}).(scope); ok && s.sink != nil {
		s.sink.Emit(Record{At: time.Now(), Path: s.path, Event: e})
	}
}

// Begin opens a step and returns the function that closes it with the step's error.
func Begin(ctx context.Context, step string) (end func(error)) {
	start := time.Now()
	Emit(ctx, StepStarted{Step: step})
	return func(err error) {
		Emit(ctx, StepEnded{Step: step, Took: Seconds(time.Since(start)), Err: err})
	}
}
