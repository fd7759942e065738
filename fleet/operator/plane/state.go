// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"maps"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/contract"
)

// State is all that a control plane knows, in memory. Its methods may be called by several at once.
type State struct {
	mu          sync.Mutex
	devices     map[string]*device
	deployments map[string]*deployment // by UID
	graves      map[string]Grave       // by UID
	grants      map[string][]labels.Selector
	index       index
	adopts      string
	order       Order     // epoch and term of the next manifest, and the number of the last one
	wrote       time.Time // when a manifest was last given to be written

	queue     []*device                // whose manifest may have to be written
	lagging   map[*device]struct{}     // that were written and have not acknowledged
	settling  map[*device]struct{}     // whose labels changed lately, and that have what does not select them
	settled   time.Time                // when they were last looked at
	doubted   map[*device]struct{}     // that have what does not select them, as far as is known
	recount   map[*deployment]bool     // whose counts changed
	rolled    map[*deployment]struct{} // that have a rollout
	duplicate map[*device]time.Time    // that two processes speak for, and when both were last heard
	now       time.Time                // the latest that was told
}

type device struct {
	id      string
	labels  labels.Set
	matches []match // by namespace and name
	changed time.Time

	queued  bool
	written time.Time // when it was last written, or sent again
	earned  time.Time // by when it will have earned the writes that it had
	number  int64
	content [16]byte        // digest of the entries that were written
	wrote   contract.Digest // of the manifest with that number, as it goes over the wire; zero until that is known
	again   int             // how often the same manifest was sent again

	online             bool
	seen, turned       time.Time // last heard of; last come or gone
	instance, previous string
	reported           bool      // in the life of this process
	flooded            time.Time // when it last sent more than is read
	claimed            Order     // the last order above ours that it said it holds
	claims             int       // how many such it has said
	revoked            bool      // it is not let in, told nothing, and not heard
	incredible         bool      // it has said too many, or one that cannot be
	awaited            bool      // it was online when that was last written down
	hash, missing      string    // of the last report; of one that a heartbeat named and that was not heard
	acknowledged       Order
	foreign            string
	workloads          []Workload
	unwanted           []string // UIDs of Deployments of which it is confirmed that they do not select it
	findings           []Finding
}

type deployment struct {
	Deployment
	devices map[*device]struct{}
	counts  [classes]int
	updated int
	failing map[*device]Failure
	last    Failure // the latest of failing
	rolls   *rolls  // nil when all are told at once
}

// New gives a State that knows nothing.
func New() *State {
	return &State{
		devices: map[string]*device{}, deployments: map[string]*deployment{}, graves: map[string]Grave{},
		grants: map[string][]labels.Selector{}, index: newIndex(), lagging: map[*device]struct{}{},
		settling: map[*device]struct{}{}, doubted: map[*device]struct{}{}, recount: map[*deployment]bool{}, rolled: map[*deployment]struct{}{}, duplicate: map[*device]time.Time{},
	}
}

// Lead begins a term: every device is written again, from number 1. Those of the control plane that is named are taken over;
// of none when it is empty.
func (s *State) Lead(epoch, term int64, adopts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order, s.adopts = Order{Epoch: epoch, Term: term}, adopts
	s.rewrite()
}

// Adopts is the control plane that devices are taken over from in this term.
func (s *State) Adopts() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.adopts
}

// Rewrite writes every manifest again, after the bucket that holds them was lost.
func (s *State) Rewrite() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rewrite()
}

func (s *State) rewrite() {
	for _, d := range s.devices {
		d.written, d.earned, d.content, d.number, d.again = time.Time{}, time.Time{}, [16]byte{}, 0, 0
		for i := range d.matches {
			d.matches[i].without = 0
		}
		s.enqueue(d)
	}
	clear(s.lagging)
}

// Order gives the epoch and the term, and the number of the last manifest.
func (s *State) Order() Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.order
}

// SetGraves replaces the graveyard.
func (s *State) SetGraves(graves []Grave) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.graves
	s.graves = make(map[string]Grave, len(graves))
	for _, g := range graves {
		s.graves[g.UID] = g
	}
	if maps.Equal(before, s.graves) {
		return
	}
	for _, d := range s.devices {
		for _, w := range d.workloads {
			if _, ok := s.graves[w.UID]; ok {
				s.enqueue(d)
			}
		}
	}
}

func (s *State) enqueue(d *device) {
	if !d.queued {
		d.queued = true
		s.queue = append(s.queue, d)
	}
}
