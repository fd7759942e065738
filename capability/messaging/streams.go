// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package messaging

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/streams"
	"nationtech.io/harmony/wait"
)

// Through are the message servers that stand on a Kubernetes.
func Through(on Client) Servers { return servers{on} }

type servers struct{ on Client }

// Ensure makes and corrects streams.
func (s servers) Ensure(ctx context.Context, at Login, wanted ...jetstream.StreamConfig) (outcome harmony.Outcome, err error) {
	err = s.patiently(ctx, at, func(ctx context.Context, js jetstream.JetStream) error {
		corrected, err := streams.Ensure(ctx, js, wanted...)
		for _, p := range planned(corrected) {
			outcome.Changes = append(outcome.Changes, harmony.Change{Action: p.Intent.Done(), Object: p.Object, Detail: told(p.Fields)})
		}
		return refused(at, err)
	})
	return outcome, err
}

// Verify compares streams.
func (s servers) Verify(ctx context.Context, at Login, wanted ...jetstream.StreamConfig) (deviations []streams.Deviation, err error) {
	err = s.patiently(ctx, at, func(ctx context.Context, js jetstream.JetStream) (err error) {
		deviations, err = streams.Verify(ctx, js, wanted...)
		return refused(at, err)
	})
	return deviations, err
}

// planned is what is to be done about streams that are not as wanted, one for each.
func planned(all []streams.Deviation) (done []harmony.Planned) {
	for _, d := range all {
		object := "stream " + d.Stream
		if len(done) == 0 || done[len(done)-1].Object != object {
			done = append(done, harmony.Planned{Intent: intent(d), Object: object})
		}
		if d.Field != "" {
			last := &done[len(done)-1]
			last.Fields = append(last.Fields, harmony.Field{Path: d.Field, Before: value(d.Have), After: value(d.Want)})
		}
	}
	return done
}

func intent(d streams.Deviation) harmony.Intent {
	switch {
	case d.Field == "":
		return harmony.Create
	case d.Edited:
		return harmony.Repair
	}
	return harmony.Update
}

func told(fields []harmony.Field) string {
	var all []string
	for _, f := range fields {
		all = append(all, fmt.Sprintf("%s: %v → %v", f.Path, f.Before, f.After))
	}
	return strings.Join(all, ", ")
}

// refused says which stream a server does not make or change as it is wanted.
func refused(at Login, err error) error {
	var e *streams.Error
	if !errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	d := diag.New(diag.StreamRefused, "Service/"+at.Service.Name, "stream "+e.Stream).Saw(e.Cause.Error()).Because(err)
	var stuck *streams.Unchangeable
	if errors.As(err, &stuck) {
		d.Note("a server can change only some fields of a stream that exists")
	}
	return d
}

// askLimit bounds one attempt at the streams, which takes milliseconds.
const askLimit = 10 * time.Second

// patiently connects and asks.
func (s servers) patiently(ctx context.Context, at Login, ask func(context.Context, jetstream.JetStream) error) error {
	return again(ctx, "JetStream to answer "+at.User, func(ctx context.Context) error {
		conn, err := Connect(ctx, s.on, at)
		if err != nil {
			return err
		}
		defer conn.Close()
		js, err := jetstream.New(conn)
		if err != nil {
			return diag.New(diag.StreamRefused, "Service/"+at.Service.Name).Because(err)
		}
		return ask(ctx, js)
	})
}

// again asks once more when no answer came in time: servers that have not agreed on a leader yet do not answer at
// all, and never come back to what they were asked then; or they say that they are not available yet. For as long as
// one attempt may take it asks again too when the server went away, as it does while servers are restarted one after
// the other. Every other error is for the caller.
func again(ctx context.Context, what string, ask func(context.Context) error) error {
	start := time.Now()
	return wait.Until(ctx, what, wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		asking, cancel := context.WithTimeout(ctx, askLimit)
		defer cancel()
		err := ask(asking)
		switch {
		case err == nil:
			return "", true, nil
		case asking.Err() != nil && ctx.Err() == nil, leaderless(err), wentAway(err) && time.Since(start) < askLimit:
			return err.Error(), false, nil
		}
		return err.Error(), false, err
	})
}

// notAvailable is what servers without a leader answer (JSClusterNotAvailErr).
const notAvailable = 10008

func leaderless(err error) bool {
	var said *jetstream.APIError
	return errors.As(err, &said) && said.ErrorCode == notAvailable
}

// wentAway tells whether a server ended the connection, or took one and then said nothing.
func wentAway(err error) bool {
	return errors.Is(err, errSilent) || errors.Is(err, nats.ErrConnectionClosed)
}
