// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/bus"
	"nationtech.io/harmony/fleet/operator/plane"
)

const (
	writeEvery = 50 * time.Millisecond  // how often manifests and status are written, if there are any
	writeMost  = 1000                   // manifests at a time
	lookEvery  = time.Second            // how often the fleet as a whole is looked at
	soonEvery  = 100 * time.Millisecond // how often a new leader looks whether it has heard of all
	mendEvery  = time.Minute            // how often the buckets are compared with what they must be, beside at once when a write failed
	sortEvery  = 10 * time.Minute       // how often orphans are looked for
	mendLimit  = 10 * time.Second
	// hearWithin is how long a leader waits for devices to report, when it begins or NATS was away, before it goes on without
	// them.
	hearWithin = 25 * time.Second
)

// leader is what only the leader of a fleet does.
type leader struct{ *operator }

// NeedLeaderElection is true.
func (leader) NeedLeaderElection() bool { return true }

// A reign is the time of one leader.
type reign struct {
	*operator
	plane contract.PlaneID
	since time.Time
	hears time.Time   // since when it waits for devices
	mu    sync.Mutex  // held while the term is raised
	ready atomic.Bool // the buckets are as they must be
	knows atomic.Bool // every Deployment that there was at first was looked at
	tells time.Time   // since when nothing else keeps it from telling devices
	// stale gets the term that a device holds, when it is above ours.
	stale   chan int64
	status  *statuses
	orphans orphans
	// unconfirmed is how many devices were not confirmed to be selected no longer, when that was last asked.
	unconfirmed int
	asked       *paced
	strangers   strangers
	deaf        time.Time // when NATS was last found unreachable
	stepped     time.Time // when rollouts were last looked at
	rested      time.Time // before which no connections are looked for
	swept       bool      // connections were looked for of whom there is no Device
}

// Start leads until the context ends. Its error ends the process, so that another may lead.
func (l leader) Start(ctx context.Context) error {
	door, err := open(ctx, l.APIListen)
	if err != nil {
		return err
	}
	defer door.close()
	l.api = door
	f, err := l.raise(ctx, 0, 0)
	if err != nil {
		return err
	}
	plane, err := contract.ParsePlaneID(string(f.UID))
	if err != nil {
		return fmt.Errorf("read the UID of the FleetState: %w", err)
	}
	r := &reign{
		operator: l.operator, plane: plane, since: time.Now(), hears: time.Now(), stale: make(chan int64, 1),
		status: newStatuses(l.operator), orphans: orphans{}, asked: newPaced(),
	}
	l.state.Lead(f.Spec.Epoch, f.Status.Term, adopted(f))
	l.log.Info("leading", "plane", plane.String(), "epoch", f.Spec.Epoch, "term", f.Status.Term)
	for _, device := range l.state.AllRevoked() { // who led before may not have come to it
		l.cuts.revoke(device, time.Now())
		l.infos.mark(device)
	}
	stop, err := l.bus.Listen(r)
	if err != nil {
		return err
	}
	defer stop()
	l.lively.Store(new(time.Now()))
	l.leading.Store(true)
	defer l.leading.Store(false)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return every(ctx, writeEvery, r.write) })
	group.Go(func() error { return every(ctx, writeEvery, r.say) })
	group.Go(func() error { return every(ctx, lookEvery, r.look) })
	group.Go(func() error { return every(ctx, lookEvery, r.keep) })
	group.Go(func() error { return every(ctx, soonEvery, r.converge) })
	group.Go(func() error { return every(ctx, confirmEvery, r.confirm) })
	group.Go(func() error { return every(ctx, cutEvery, r.cutOff) })
	group.Go(func() error { return r.welcome(ctx) })
	return group.Wait()
}

// every does something at once, and again and again until the context ends, or it fails.
func every(ctx context.Context, interval time.Duration, do func(context.Context, time.Time) error) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for now := time.Now(); ; {
		if err := do(ctx, now); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case now = <-ticker.C:
		}
	}
}

// write writes what devices are told, a part after the other until none is left for now.
func (r *reign) write(ctx context.Context, _ time.Time) error {
	for ctx.Err() == nil && r.writeSome(ctx) == writeMost {
		r.lively.Store(new(time.Now()))
	}
	r.lively.Store(new(time.Now()))
	return nil
}

// writeSome writes some of it, and tells how much that was, if all went well. It waits until the buckets are as they must be:
// from a bucket that does not republish nobody would hear of it; and until it is known what to write.
func (r *reign) writeSome(ctx context.Context) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if connected, _ := r.bus.Connected(); !connected || !r.ready.Load() || !r.knowsAll(ctx) {
		return 0
	}
	writes, _ := r.state.Next(time.Now(), writeMost)
	var manifests []bus.Manifest
	for _, w := range writes {
		m, err := r.manifest(w)
		if err != nil {
			r.log.Error("a manifest cannot be written", "device", w.Device, "reason", err.Error())
			continue
		}
		manifests = append(manifests, m)
	}
	if len(manifests) == 0 {
		return 0
	}
	failed, err := r.bus.Write(ctx, manifests)
	r.metrics.written.Add(float64(len(manifests) - len(failed)))
	if err != nil {
		r.log.Warn("manifests were not written, trying again", "reason", err.Error())
		for _, device := range failed {
			r.state.Unwritten(device.String())
		}
	}
	return len(manifests) - len(failed)
}

// manifest is what a device is told, as it goes over the wire.
func (r *reign) manifest(w plane.Write) (bus.Manifest, error) {
	device, err := contract.ParseDeviceID(w.Device)
	if err != nil {
		return bus.Manifest{}, err
	}
	data, err := encode(r.plane, device, w)
	if err != nil {
		return bus.Manifest{}, err
	}
	r.state.Wrote(w, contract.DigestOf(data))
	m := bus.Manifest{Device: device, Data: data}
	for _, digest := range w.News[:min(len(w.News), contract.MostEarly)] {
		if body, ok := r.contents.get(digest); ok && len(body) <= contract.MaxEarly {
			m.Early = append(m.Early, bus.Content{Digest: digest, Data: body})
		}
	}
	return m, nil
}

// keep keeps the buckets as they must be, and takes out of them what nobody needs.
func (r *reign) keep(ctx context.Context, now time.Time) error {
	connected, _ := r.bus.Connected()
	switch {
	case !connected:
		r.orphans.mended = time.Time{}
	case r.bus.Doubtful() || now.Sub(r.orphans.mended) >= mendEvery:
		r.mend(ctx, now)
	case r.converged.Load() && now.Sub(r.orphans.sorted) >= sortEvery:
		if err := r.collect(ctx, now); err != nil {
			r.log.Warn("orphans were not taken away", "reason", err.Error())
		}
		r.orphans.sorted = now
	}
	return nil
}

// mend makes the buckets as they must be, and fills those that were empty.
func (r *reign) mend(ctx context.Context, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, mendLimit)
	defer cancel()
	changed, err := r.bus.Mend(ctx)
	if err == nil && len(changed) > 0 {
		r.log.Warn("the buckets were not as they must be", "changed", fmt.Sprint(changed))
		for digest, body := range r.contents.all() {
			if err = r.bus.PutBody(ctx, digest, body); err != nil {
				break
			}
		}
		r.state.Rewrite()
	}
	r.ready.Store(err == nil)
	if err != nil {
		r.log.Warn("the buckets cannot be kept as they must be, connecting anew", "reason", err.Error())
		r.report("connect anew", r.bus.Renew())
		return
	}
	r.orphans.mended = now
}
