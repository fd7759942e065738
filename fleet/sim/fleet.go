// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"
)

// A Fleet is all devices of some lines.
type Fleet struct {
	Books   *Books
	config  Config
	lines   []Line
	devices []*Device
	by      map[string]*Device
}

// New gives the devices of those lines, as yet silent and obedient.
func New(lines []Line, c Config) *Fleet {
	f := &Fleet{Books: NewBooks(), config: c.whole(), lines: lines, by: map[string]*Device{}}
	for _, l := range lines {
		for _, id := range l.Devices {
			d := NewDevice(l.Conn, id, c, f.Books)
			f.devices = append(f.devices, d)
			f.by[id.String()] = d
		}
	}
	return f
}

// Devices are all of them, in the order of the lines.
func (f *Fleet) Devices() []*Device { return f.devices }

const (
	// held is how many messages may wait for their devices; more than come at once at 50,000 devices.
	held = 1 << 16
	// tick is how often time passes for a device, unless its beats are shorter.
	tick = time.Second
	// slots are parts of the fleet for which time passes one after the other, so that they do not all speak at once.
	slots = 20
)

// Run lets the devices live until the context ends. Their first words are spread over one beat. Its error says which
// device could not listen.
func (f *Fleet) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	queues := make([]chan *natsgo.Msg, 2*runtime.GOMAXPROCS(0))
	for i := range queues {
		queues[i] = make(chan *natsgo.Msg, held)
		all.Go(func() { f.hear(ctx, queues[i]) })
	}
	subs, err := f.listen(queues)
	if err == nil {
		f.pass(ctx)
	}
	for _, s := range subs {
		if left := s.Unsubscribe(); !errors.Is(left, natsgo.ErrConnectionClosed) {
			err = errors.Join(err, left)
		}
	}
	stop()
	all.Wait()
	return err
}

// listen lets what comes for the devices of a line wait in one queue, so that it stays in order.
func (f *Fleet) listen(queues []chan *natsgo.Msg) (subs []*natsgo.Subscription, err error) {
	for i, l := range f.lines {
		l.Conn.SetErrorHandler(func(_ *natsgo.Conn, _ *natsgo.Subscription, err error) {
			f.Books.count(func(c *Counts) {
				switch {
				case errors.Is(err, natsgo.ErrSlowConsumer):
					c.Missed++
				case errors.Is(err, natsgo.ErrPermissionViolation):
					c.Denied++
				}
			})
		})
		l.Conn.SetReconnectHandler(func(*natsgo.Conn) {
			for _, id := range l.Devices {
				f.by[id.String()].Again()
			}
		})
		for _, id := range l.Devices {
			for _, subject := range f.by[id.String()].Subjects() {
				s, err := l.Conn.ChanSubscribe(subject, queues[i%len(queues)])
				if err != nil {
					return subs, fmt.Errorf("listen as %s: %w", id, err)
				}
				subs = append(subs, s)
			}
		}
	}
	for _, l := range f.lines {
		if err := l.Conn.Flush(); err != nil {
			return subs, fmt.Errorf("listen as %s: %w", l.Devices[0], err)
		}
	}
	return subs, nil
}

// hear hands what comes to its devices.
func (f *Fleet) hear(ctx context.Context, queue <-chan *natsgo.Msg) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-queue:
			if d := f.by[addressee(m.Subject)]; d != nil {
				d.Hear(m.Subject, m.Data)
			}
		}
	}
}

// addressee is the device that a subject belongs to: fleet.desired.<device>, fleet.answer.<device>.…, device-commands.<device>.….
func addressee(subject string) string {
	_, rest, _ := strings.Cut(subject, ".")
	if strings.HasPrefix(subject, "fleet.") {
		_, rest, _ = strings.Cut(rest, ".")
	}
	device, _, _ := strings.Cut(rest, ".")
	return device
}

// pass lets time pass for all devices, a part of them after the other.
func (f *Fleet) pass(ctx context.Context) {
	ticker := time.NewTicker(min(tick, f.config.Beat) / slots)
	defer ticker.Stop()
	start, n := time.Now(), time.Duration(len(f.devices))
	for slot := 0; ; slot = (slot + 1) % slots {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			for i := slot; i < len(f.devices) && now.Sub(start) >= f.config.Beat*time.Duration(i)/n; i += slots {
				f.devices[i].Tick(now)
			}
		}
	}
}
