// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/agent/runner"
	"nationtech.io/harmony/fleet/agent/store"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

const (
	// fetchEvery is how often the manifest is fetched whatever is heard; half of it at least.
	fetchEvery = 5 * time.Minute
	// breath is between two rounds: what happens meanwhile is done and told together.
	breath = 300 * time.Millisecond
	// ageEvery is how often the time is kept that has passed since workloads were removed.
	ageEvery = time.Hour
	// keepTimeEvery is how much later it must be until the time is written down again.
	keepTimeEvery = time.Hour
	// roundEvery is how long a round is waited for when nothing happens and there is no runtime.
	roundEvery = 10 * time.Second
)

// A keeper holds to what the device is told, has it run, and reports.
type keeper struct {
	config   config.Config
	facts    Facts
	instance contract.InstanceID
	link     *link
	right    *clock.Clock
	log      *slog.Logger
	wake     chan struct{}
	findings *findings
	bodies   *waiting
	podman   *podman.Client
	runner   *runner.Runner // nil without a runtime
	counted  time.Time      // until when the time that passed is kept

	mu       sync.Mutex
	held     decide.State
	timeKept time.Time    // as it is in the state file
	store    *store.Store // nil while the state file could not be opened, and without a runtime
	aware    bool         // it is known what runs here: from the state file or, where that was empty, from podman
	runtime  string       // what runs containers, as the inventory tells it
	reported string       // hash of the last report
	resend   bool         // all reports are to be sent, whether they changed or not
	sentInfo string
}

func newKeeper(c config.Config, facts Facts, instance contract.InstanceID, l *link, right *clock.Clock, log *slog.Logger) *keeper {
	k := &keeper{
		config: c, facts: facts, instance: instance, link: l, right: right, log: log, wake: make(chan struct{}, 1),
		findings: newFindings(log), bodies: newWaiting(), counted: time.Now(),
	}
	if c.Runtime.Enabled {
		k.podman = podman.New(c.Runtime.Socket)
		k.runner = runner.New(runner.Options{
			Podman: k.podman, Release: k.release, Have: k.have, Login: k.login, Changed: k.stir, Log: log, Now: time.Now,
		})
	}
	return k
}

// stir lets the next round begin soon. It never blocks.
func (k *keeper) stir() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// run goes round until the context ends. What runs on the device goes on running after that.
func (k *keeper) run(ctx context.Context) {
	defer k.close()
	fetch := time.NewTimer(0)
	defer fetch.Stop()
	jumps := newJumps()
	for ctx.Err() == nil {
		k.findings.note(jumps.jumped())
		k.round(ctx)
		k.report()
		if wait.Sleep(ctx, breath) != nil {
			return
		}
		next := time.NewTimer(k.next())
		select {
		case <-ctx.Done():
		case <-k.wake:
		case <-next.C:
		case <-k.link.again:
			k.resync()
		case <-fetch.C:
			k.fetchManifest()
			fetch.Reset(fetchEvery/2 + rand.N(fetchEvery/2))
		}
		next.Stop()
	}
}

func (k *keeper) next() time.Duration {
	if k.runner == nil {
		return roundEvery
	}
	return k.runner.Next()
}

func (k *keeper) close() {
	if k.runner != nil {
		k.runner.Wait()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.store != nil {
		if err := k.store.Close(); err != nil {
			k.log.Warn("the state file was not closed", "reason", err.Error())
		}
		k.store = nil
	}
}

// resync sends all reports, and asks for the manifest.
func (k *keeper) resync() {
	k.mu.Lock()
	k.resend = true
	k.mu.Unlock()
	k.fetchManifest()
	k.stir()
}

// round makes what runs be what is held to.
func (k *keeper) round(ctx context.Context) {
	if k.runner == nil {
		k.findings.add(contract.FindingRuntime, nil, diag.New(diag.RuntimeUnavailable).Saw("runtime_enabled = false: this agent runs no workloads"), forEver)
		return
	}
	held, ok := k.opened(ctx)
	if !ok {
		return
	}
	k.keepTime()
	look, err := k.runner.Pass(ctx, held)
	if err != nil {
		if ctx.Err() == nil {
			k.findings.because(contract.FindingRuntime, err)
			k.setRuntime("")
		}
		return
	}
	k.findings.clear(contract.FindingRuntime)
	k.ask(ctx)
	passed := time.Since(k.counted) // whatever the clock was set to meanwhile
	ages := passed >= ageEvery
	kept := k.change(func(s decide.State) decide.State {
		for _, uid := range look.Removed {
			s = s.Removed(uid, k.right.Now())
		}
		for uid, record := range look.Found {
			s = s.Found(uid, record)
		}
		if ages {
			s = s.Aged(passed)
		}
		return s
	}, len(look.Removed)+len(look.Found) > 0 || ages && held.Remembers())
	if !kept {
		return
	}
	if ages {
		k.counted = k.counted.Add(passed)
	}
	k.isAware()
}

// isAware notes that it is known what runs here, and asks for the manifest that came too early.
func (k *keeper) isAware() {
	k.mu.Lock()
	before := k.aware
	k.aware = true
	k.mu.Unlock()
	if !before {
		k.fetchManifest()
	}
}

// keepTime writes down what time has certainly passed, now and then: the device may start without a clock.
func (k *keeper) keepTime() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if floor := k.right.Floor(); k.store != nil && floor.Sub(k.timeKept) >= keepTimeEvery {
		if err := k.store.SaveTime(floor); err != nil {
			k.findings.because(contract.FindingState, err)
			return
		}
		k.timeKept = floor
	}
}

// opened gives what is held to, from the state file if it is not open yet.
func (k *keeper) opened(ctx context.Context) (decide.State, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.store != nil {
		return k.held, true
	}
	opened, lost, err := store.Open(ctx, k.config.Runtime.StateDir)
	if lost != nil {
		k.findings.add(contract.FindingLost, nil, lost, forEver)
	}
	if err == nil {
		k.held, err = opened.Load()
	}
	if err != nil {
		if ctx.Err() == nil {
			k.findings.because(contract.FindingState, err)
		}
		return decide.State{}, false
	}
	k.findings.clear(contract.FindingState)
	k.store = opened
	k.aware = !k.held.Plane.IsZero() || len(k.held.Records) > 0
	k.timeKept = opened.Time()
	k.right.Passed(k.timeKept)
	return k.held, true
}

// change holds to something else once it is on the disk, and tells whether it does.
func (k *keeper) change(to func(decide.State) decide.State, needed bool) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !needed || k.keep(to(k.held))
}

// keep writes what is held to and then holds to it; k.mu is held.
func (k *keeper) keep(next decide.State) bool {
	if k.runner != nil {
		if k.store == nil {
			return false // it is said already
		}
		if err := k.store.Save(next); err != nil {
			k.findings.because(contract.FindingState, err)
			return false
		}
		k.findings.clear(contract.FindingState)
	}
	k.held = next
	k.stir()
	return true
}

// accept takes a manifest, from wherever it came.
func (k *keeper) accept(data []byte) {
	m, digest, err := contract.DecodeManifest(data, k.config.Device)
	if err != nil {
		k.findings.add(contract.FindingRefused, nil, diag.New(diag.ManifestRefused).Saw(err.Error()).Because(err), forAWhile)
		k.stir()
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.runner != nil && !k.aware {
		return // it may be older than what runs here; it is fetched when that is known
	}
	next, verdict := k.held.Accept(m, digest, k.config.Plane, k.right.Now())
	switch verdict {
	case decide.Accepted:
		if k.keep(next) {
			k.log.Info("manifest accepted", "epoch", m.Order.Epoch, "term", m.Order.Term, "number", m.Order.Number, "deployments", len(m.Deployments))
			k.findings.clear(contract.FindingStale, contract.FindingRefused)
		}
	case decide.Same:
		k.findings.clear(contract.FindingStale, contract.FindingRefused)
	case decide.Stale:
		k.findings.add(contract.FindingStale, nil, stale(m.Order, k.held.Order), forAWhile)
	case decide.UnknownPlane:
		k.findings.add(contract.FindingPlane, &m.Plane, diag.New(diag.PlaneUnknown).Saw("it is "+m.Plane.String()+", and this device obeys "+k.held.Plane.String()), forAWhile)
	}
	k.stir()
}

// ask finds out what podman it is, once.
func (k *keeper) ask(ctx context.Context) {
	k.mu.Lock()
	known := k.runtime != ""
	k.mu.Unlock()
	if known {
		return
	}
	if version, err := k.podman.Version(ctx); err == nil {
		k.setRuntime("podman " + version)
	}
}

func (k *keeper) setRuntime(is string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.runtime = is
}

// login gives what the registry of an image knows this device by.
func (k *keeper) login(image string) podman.Login {
	for host, r := range k.config.Runtime.Registries {
		if len(image) > len(host) && image[:len(host)+1] == host+"/" {
			password, err := r.Password()
			if err != nil {
				k.log.Warn("the password of a registry cannot be read", "registry", host, "reason", err.Error())
			}
			return podman.Login{User: r.User, Password: password}
		}
	}
	return podman.Login{}
}

// have gives a release that is on the disk.
func (k *keeper) have(digest contract.Digest) (contract.Release, bool) {
	k.mu.Lock()
	opened := k.store
	k.mu.Unlock()
	if opened == nil {
		return contract.Release{}, false
	}
	release, err := contract.DecodeRelease(opened.Release(digest), digest)
	return release, err == nil
}

// release gives a release, and fetches it if it is not on the disk.
func (k *keeper) release(ctx context.Context, digest contract.Digest) (contract.Release, error) {
	if release, ok := k.have(digest); ok {
		return release, nil
	}
	body, err := k.fetchBody(ctx, digest)
	if err != nil {
		return contract.Release{}, err
	}
	release, err := contract.DecodeRelease(body, digest)
	if err != nil {
		return contract.Release{}, diag.New(diag.ContentRefused).Saw(err.Error()).Because(err)
	}
	k.mu.Lock()
	opened := k.store
	k.mu.Unlock()
	if opened == nil {
		return contract.Release{}, diag.New(diag.StateNotKept).Saw("the state file is not open")
	}
	if err := opened.PutRelease(digest, body); err != nil {
		k.findings.because(contract.FindingState, err)
		return contract.Release{}, err
	}
	return release, nil
}

func fault(err error) *diag.Diagnostic {
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		return d
	}
	return diag.New(diag.Unexplained).Because(err)
}
