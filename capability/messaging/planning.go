// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package messaging

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/streams"
)

// Planning are the message servers of a Kubernetes as a plan sees them: streams are read, and what would be made or
// corrected is noted in the draft. Where nobody answers yet, or these credentials may not connect, that is known
// after the apply.
func Planning(on Client, d *harmony.Draft) Servers { return planning{on, d} }

type planning struct {
	on    Client
	draft *harmony.Draft
}

// lookLimit bounds the look at the streams: who does not answer by then is not asked by a plan.
const lookLimit = 5 * time.Second

// Ensure notes what Servers.Ensure would do.
func (p planning) Ensure(ctx context.Context, at Login, wanted ...jetstream.StreamConfig) (harmony.Outcome, error) {
	deviations, err := p.Verify(ctx, at, wanted...)
	if err != nil {
		return harmony.Outcome{}, err
	}
	all := planned(deviations)
	for _, want := range wanted {
		if !has(all, "stream "+want.Name) {
			all = append(all, harmony.Planned{Intent: harmony.Keep, Object: "stream " + want.Name})
		}
	}
	p.draft.Note(all...)
	return harmony.Outcome{}, nil
}

// Verify reads the streams, where that can be done before the apply.
func (p planning) Verify(ctx context.Context, at Login, wanted ...jetstream.StreamConfig) ([]streams.Deviation, error) {
	looking, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	deviations, err := p.look(looking, at, wanted)
	switch {
	case err == nil:
		return deviations, nil
	case ctx.Err() != nil:
		return nil, diag.Ended(ctx).Because(err)
	}
	return nil, p.draft.Later(fmt.Sprintf("the streams of %s at Service/%s in %s%s", at.User, at.Service.Name, at.Service.Namespace, why(err)))
}

func (p planning) look(ctx context.Context, at Login, wanted []jetstream.StreamConfig) ([]streams.Deviation, error) {
	conn, err := Connect(ctx, p.on, at)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("JetStream: %w", err)
	}
	return streams.Verify(ctx, js, wanted...)
}

// why tells what a person can do something about: a server that does not stand yet is no news in a plan.
func why(err error) string {
	for _, d := range diag.All(err) {
		if d.Code == diag.Forbidden {
			return ", to which these credentials may not connect"
		}
	}
	return ""
}

func has(all []harmony.Planned, object string) bool {
	for _, p := range all {
		if p.Object == object {
			return true
		}
	}
	return false
}

// Reload has nothing to tell: the configuration is planned with its Secret.
func (planning) Reload(context.Context, Login, Configuration) error { return nil }

// value reads what a Deviation has as JSON; text that is none stays text.
func value(text string) (v any) {
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	return v
}
