// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"sync"
	"time"

	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/contract"
)

// A Link carries what a device says. A connection to NATS is one.
type Link interface {
	Publish(subject string, data []byte) error
}

// Config is what devices have in common. Zero durations are those of an agent.
type Config struct {
	// Version is what a device says instead of the version of an agent; "simulated" when empty.
	Version string
	// Beat is how often a device says that it lives; 10 s when zero.
	Beat time.Duration
	// Fetch is how often it asks for its manifest, whatever it hears; 5 min when zero.
	Fetch time.Duration
}

const (
	defaultVersion = "simulated"
	defaultBeat    = 10 * time.Second
	defaultFetch   = 5 * time.Minute
	// askAgain is after how long a content is asked for again, as the agent does.
	askAgain = 3 * time.Second
)

func (c Config) whole() Config {
	if c.Version == "" {
		c.Version = defaultVersion
	}
	if c.Beat == 0 {
		c.Beat = defaultBeat
	}
	if c.Fetch == 0 {
		c.Fetch = defaultFetch
	}
	return c
}

// A Device is one device. Whoever has its connection calls Hear with what comes for it, and Tick as time passes.
type Device struct {
	id       contract.DeviceID
	instance contract.InstanceID
	link     Link
	config   Config
	books    *Books
	start    time.Time

	mu      sync.Mutex
	script  Behaviour
	away    bool // it is offline
	fresh   bool // all is to be said again
	news    bool // the last report no longer holds
	restive bool // something changes as time passes
	held    decide.State
	works   map[contract.WorkloadUID]work
	early   contract.Early
	beats   uint64
	said    string // hash of the last report
	beatAt  time.Time
	fetchAt time.Time
}

// A work is how far a device is with one workload.
type work struct {
	phase contract.Phase
	code  string
	since time.Time
	got   contract.Digest // of the content that was fetched last
	gotAt time.Time
	asks  contract.Digest // of the content that was asked for last
	asked time.Time
	runs  Run // what runs; zero when nothing does
}

// A Run is a release that runs.
type Run struct {
	Digest     contract.Digest
	Generation int64
}

// NewDevice gives a device, as yet silent, that keeps its books there.
func NewDevice(link Link, id contract.DeviceID, c Config, books *Books) *Device {
	return &Device{
		id: id, instance: contract.NewInstanceID(), link: link, config: c.whole(), books: books, start: time.Now(),
		works: map[contract.WorkloadUID]work{}, fresh: true,
	}
}

// ID is the name of the device.
func (d *Device) ID() contract.DeviceID { return d.id }

// Behave gives the device another script. What it has follows that at once, and it says so if it has said anything yet.
func (d *Device) Behave(b Behaviour) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.script, d.news = b, true
	d.settle(time.Now())
	if !d.fresh {
		d.report(false)
	}
}

// Held is what the device holds to. It is not to be changed.
func (d *Device) Held() decide.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.held
}

// Runs gives what runs on the device, by workload.
func (d *Device) Runs() map[contract.WorkloadUID]Run {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[contract.WorkloadUID]Run{}
	for uid, w := range d.works {
		if w.runs != (Run{}) {
			all[uid] = w.runs
		}
	}
	return all
}

// settle does what is to be done for all that the device holds to.
func (d *Device) settle(now time.Time) {
	d.restive = d.script.Flap > 0
	for _, uid := range d.held.Living() {
		r := d.held.Records[uid]
		if r.Want == contract.Absent {
			d.remove(uid, now)
			continue
		}
		before := d.works[uid]
		w := d.step(r, before, now)
		if w.phase != before.phase || w.code != before.code {
			w.since, d.news = now, true
		}
		d.restive = d.restive || w.phase == contract.Pulling
		d.works[uid] = w
		d.books.runs(uid, before.runs.Digest, w.runs.Digest, now)
	}
}

// step brings a workload a step nearer to its record.
func (d *Device) step(r decide.Record, w work, now time.Time) work {
	if r.Ahead && !w.runs.Digest.IsZero() {
		return w
	}
	if _, came := d.early.Take(r.Digest); came && w.got != r.Digest && !d.script.Lie {
		w.got, w.gotAt = r.Digest, now
	}
	if w.got != r.Digest {
		w.phase, w.code = contract.Pulling, ""
		if (w.asks != r.Digest || now.Sub(w.asked) >= askAgain) && !d.script.Lie {
			w.asks, w.asked = r.Digest, now
			d.books.count(func(c *Counts) { c.Asked++ })
			d.say(contract.FetchBodySubject(d.id, r.Digest.String()), nil)
		}
		return w
	}
	w.code = d.script.fails(now.Sub(d.start))
	switch ready := w.gotAt.Add(d.script.Delay); {
	case w.code != "":
		w.phase, w.runs = contract.Failed, Run{}
	case now.Before(ready):
		if w.phase != contract.Starting {
			time.AfterFunc(ready.Sub(now), d.wake)
		}
		w.phase = contract.Starting
	default:
		w.phase, w.runs = contract.Running, Run{r.Digest, r.Generation}
	}
	return w
}

// wake looks at what was waited for.
func (d *Device) wake() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settle(time.Now())
	d.report(false)
}

func (d *Device) remove(uid contract.WorkloadUID, now time.Time) {
	d.books.runs(uid, d.works[uid].runs.Digest, contract.Digest{}, now)
	d.books.removed(uid)
	delete(d.works, uid)
	d.held, d.news = d.held.Removed(uid, now), true
}
