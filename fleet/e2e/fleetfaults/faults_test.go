// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"nationtech.io/harmony/fleet/sim"
)

// A fault is one case of the table.
type fault struct {
	name string
	// do makes it happen, while the load goes on, and returns when it is over.
	do func(*world)
	// devices is how many there are, few when zero; each of them share a connection, and the last of them are real.
	devices, each, real int
	flags               []string // of the operator
	alone               bool     // it disturbs others
	calm                bool     // there is no load but what it makes itself
	small, clock        bool     // the real device has a small disk, and a clock that can be set
}

const (
	// onlyVariable names the environment variable with an expression: only cases are tried whose name matches. Without it a sample is.
	onlyVariable = "HARMONY_FLEET_FAULTS"
	// seedVariable names the one with the seed of all random moments, as a run has printed it.
	seedVariable = "HARMONY_FLEET_FAULTS_SEED"
	sample       = "^(operator-killed|nats-storage-deleted|devices-refuse)$"
)

// all is the table.
func all() (all []fault) {
	for _, part := range [][]fault{processes(), buckets(), networks(), hostile(), identities(), objects(), agents(), apiServers()} {
		all = append(all, part...)
	}
	return all
}

// A tally counts the cases.
type tally struct {
	mu             sync.Mutex
	passed, failed int
}

func TestFleetFaults(t *testing.T) {
	log.SetLogger(logr.Discard()) // the plain client's
	pattern := os.Getenv(onlyVariable)
	if pattern == "" {
		pattern = sample
	}
	only, err := regexp.Compile(pattern)
	check(t, err)
	seed := uint64(time.Now().UnixNano()) & 0xffffff
	if text := os.Getenv(seedVariable); text != "" {
		seed, err = strconv.ParseUint(text, 10, 64)
		check(t, err)
	}
	fmt.Printf("SEED %d\n", seed)
	c := openCluster(t)
	var n tally
	t.Run("beside", func(t *testing.T) {
		for _, f := range all() {
			if only.MatchString(f.name) && !f.alone && f.real == 0 {
				t.Run(f.name, func(t *testing.T) { t.Parallel(); n.try(t, c, f, seed) })
			}
		}
		t.Run("real", func(t *testing.T) {
			t.Parallel() // there is one podman at a time
			for _, f := range all() {
				if only.MatchString(f.name) && !f.alone && f.real > 0 {
					t.Run(f.name, func(t *testing.T) { n.try(t, c, f, seed) })
				}
			}
		})
	})
	for _, f := range all() {
		if only.MatchString(f.name) && f.alone {
			t.Run(f.name, func(t *testing.T) { n.try(t, c, f, seed) })
		}
	}
	fmt.Printf("%d passed, %d failed\n", n.passed, n.failed)
	if n.passed+n.failed == 0 {
		t.Errorf("no case is called %s", pattern)
	}
}

// try makes one fault happen, and prints the line of its case.
func (n *tally) try(t *testing.T, c *cluster, f fault, seed uint64) {
	began, saw, w := time.Now(), "it did not begin", (*world)(nil)
	defer func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		verdict := "passed"
		if t.Failed() {
			verdict = "failed"
			n.failed++
		} else {
			n.passed++
		}
		fmt.Printf("CASE name=%s seconds=%.0f %s verdict=%s\n", f.name, time.Since(began).Seconds(), saw, verdict)
		if w != nil && t.Failed() {
			w.keep()
		}
	}()
	w = begin(t, c, f, seed)
	saw = "broke=false"
	w.refuse()
	for i := range names {
		w.putAny(i)
	}
	w.settled(time.Minute)
	w.remember()
	if !f.calm {
		w.load()
	}
	f.do(w)
	over := time.Now()
	w.calm()
	_, err := w.settle(heals - time.Since(over))
	took := time.Since(over)
	lost := w.lost(t.Context())
	removed, contents := w.wrong()
	saw = fmt.Sprintf("devices=%d refuse=%d acknowledged=%d lost=%d wrongly_removed=%d true_after=%.1fs", len(w.boxes), w.refusing(), w.acked, len(lost), removed, took.Seconds())
	for _, note := range w.notes {
		saw += " " + note
	}
	if err != nil {
		t.Errorf("it does not heal: %v", err)
	}
	if removed+contents > 0 {
		t.Errorf("%d workloads were removed that nobody deleted, and %d contents were wrong", removed, contents)
	}
}

// refuse lets some devices, chosen at random, refuse whatever they are told.
func (w *world) refuse() {
	for _, b := range w.some(1 + w.random.IntN(3)) {
		b.refuses = true
		b.device.Behave(sim.Behaviour{Fail: "refused"})
	}
}

func (w *world) refusing() (n int) {
	for _, b := range w.boxes {
		if b.refuses {
			n++
		}
	}
	return n
}

// keep keeps what a failure is understood by.
func (w *world) keep() {
	dir, err := os.MkdirTemp("", "fleetfaults-")
	if err == nil {
		err = os.CopyFS(dir, os.DirFS(w.dir))
	}
	w.t.Logf("seed %d; what the servers said is kept in %s: %v", w.seed, dir, err)
}
