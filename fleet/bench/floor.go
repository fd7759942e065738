// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/sim"
	fleetstream "nationtech.io/harmony/fleet/stream"
	"nationtech.io/harmony/streams"
)

const (
	// floorDown and floorUp are about as large as a manifest and a report with one workload, in bytes; moreDown and moreUp are what each
	// workload more adds. floorBody is as large as the content that is rolled out.
	floorDown, floorUp = 480, 560
	floorBody          = 92
	moreDown, moreUp   = 250, 290
	// floorPending is how many messages are written and not yet acknowledged, as of the operator.
	floorPending = 4096
	floorLimit   = 2 * time.Minute
	floorContent = "content" // in place of a digest
)

// A floored is what is compared with a bare NATS.
type floored struct {
	workloads int  // on each device: messages are as large as with so many
	contents  bool // each device is sent one, as when something new is rolled out; a new leader sends none
}

// floor is what the server and the sockets need alone for the same messages: on the same connections, with the same rights, each
// device is sent a content, and written one message into the bucket, which is republished to it, and answers that with one, that
// one subscriber counts. Nobody decodes anything. The result is in seconds, round by round.
func (f *fleetBench) floor(ctx context.Context, lines []sim.Line, of floored) (took series, err error) {
	conn, err := f.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(floorPending))
	if err != nil {
		return nil, fmt.Errorf("use JetStream: %w", err)
	}
	if _, err := streams.Ensure(ctx, js, fleetstream.Layout{}.Buckets()...); err != nil {
		return nil, err
	}
	var heard atomic.Int64
	all := make(chan struct{}, 1)
	devices := 0
	for _, l := range lines {
		devices += len(l.Devices)
	}
	if _, err := conn.Subscribe("fleet.state.*", func(*natsgo.Msg) {
		if heard.Add(1)%int64(devices) == 0 {
			all <- struct{}{}
		}
	}); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, floorLimit)
	defer cancel()
	stop, err := echo(ctx, lines, make([]byte, floorUp+(of.workloads-1)*moreUp))
	if err != nil {
		return nil, err
	}
	defer stop()
	manifest, content := make([]byte, floorDown+(of.workloads-1)*moreDown), make([]byte, floorBody)
	for range f.rounds {
		start := time.Now()
		for _, l := range lines {
			for _, d := range l.Devices {
				if of.contents {
					if err := conn.Publish(contract.AnswerBodySubject(d, floorContent), content); err != nil {
						return nil, fmt.Errorf("send a content: %w", err)
					}
				}
				if _, err := js.PublishAsync("$KV."+contract.BucketDesired+"."+d.String(), manifest, jetstream.WithStallWait(floorLimit)); err != nil {
					return nil, fmt.Errorf("write: %w", err)
				}
			}
		}
		for _, done := range []<-chan struct{}{js.PublishAsyncComplete(), all} {
			select {
			case <-done:
			case <-ctx.Done():
				return nil, fmt.Errorf("%d of %d answers came: %w", heard.Load(), devices*f.rounds, context.Cause(ctx))
			}
		}
		took = append(took, time.Since(start).Seconds())
	}
	return took, nil
}

// echo lets each device hear all that it may, and answer manifests with that report, until it is stopped.
func echo(ctx context.Context, lines []sim.Line, report []byte) (stop func(), err error) {
	by := map[string]*natsgo.Conn{}
	queue := make(chan *natsgo.Msg, 1<<18) // more than there are messages to devices at once
	var subs []*natsgo.Subscription
	stop = func() {
		for _, s := range subs {
			_ = s.Unsubscribe() // on a connection that is gone there is nothing to end
		}
	}
	for _, l := range lines {
		for _, d := range l.Devices {
			for _, subject := range contract.DeviceRights(d).Subscribe {
				s, err := l.Conn.ChanSubscribe(subject, queue)
				if err != nil {
					return stop, fmt.Errorf("listen as %s: %w", d, err)
				}
				subs = append(subs, s)
			}
			by[contract.DesiredSubject(d)] = l.Conn
		}
		if err := l.Conn.Flush(); err != nil {
			return stop, fmt.Errorf("listen: %w", err)
		}
	}
	for range 2 * runtime.GOMAXPROCS(0) {
		go func() {
			for {
				select {
				case <-ctx.Done():
					return
				case m := <-queue:
					conn, manifest := by[m.Subject]
					if !manifest {
						continue // a content
					}
					_ = conn.Publish("fleet.state."+strings.TrimPrefix(m.Subject, "fleet.desired."), report) // what is lost is missed below
				}
			}
		}()
	}
	return stop, nil
}
