// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

// An object is a Deployment as the API server has it.
type object struct {
	name, uid  string
	generation int64
	content    string // the digest of its score
	intent     int    // when a person asked for the content: a later one is higher
	selector   string
	wish       *plane.Rollout
	deleting   bool
	held       bool // by the finalizer
	// release and progress are what the operator keeps in its status, and observed is the generation that this is of.
	observed int64
	release  plane.Release
	progress *plane.Progress
	version  int
}

// A truth is all that the API server has at one moment.
type truth struct {
	objects     map[string]object // by name
	releases    map[string]string // UID of the Deployment by content
	labels      map[string]labels.Set
	graves      map[string]plane.Grave
	gone        map[string]bool // UIDs that were let go, whether they are buried or not
	epoch, term int64
	adopts      string
}

// copied is the truth as a backup or a cache has it.
func (t truth) copied() truth {
	t.objects, t.releases = maps.Clone(t.objects), maps.Clone(t.releases)
	t.labels, t.graves, t.gone = maps.Clone(t.labels), maps.Clone(t.graves), maps.Clone(t.gone)
	return t
}

// A server is an API server with its backups.
type server struct {
	truth
	past    []truth
	version int
	made    int // objects
	back    int // how often it was restored
	wrote   func()
}

func newServer(wrote func()) *server {
	return &server{wrote: wrote, truth: truth{
		objects: map[string]object{}, releases: map[string]string{}, labels: map[string]labels.Set{}, graves: map[string]plane.Grave{}, gone: map[string]bool{}, epoch: 1,
	}}
}

// backups is how many moments an API server can be restored to.
const backups = 40

// change writes something, which is acknowledged from then on.
func (s *server) change(do func()) {
	s.past = append(s.past, s.copied())
	s.past = s.past[max(0, len(s.past)-backups):]
	do()
	s.wrote()
}

// restore puts back what was before the last changes.
func (s *server) restore(changes int) {
	s.back++
	at := max(0, len(s.past)-changes)
	if at < len(s.past) {
		s.truth, s.past = s.past[at], s.past[:at]
	}
	s.wrote()
}

// put writes an object.
func (s *server) put(p object) {
	s.version++
	p.version = s.version
	s.objects[p.name] = p
}

// update changes an object unless it was written since that version: compare and swap.
func (s *server) update(seen object, do func(*object)) bool {
	p, there := s.objects[seen.name]
	if !there || p.version != seen.version {
		return false
	}
	s.change(func() {
		do(&p)
		s.put(p)
	})
	return true
}

func (s *server) uid() string {
	s.made++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", s.made)
}

// selects tells whether an object selects a device.
func (t truth) selects(p object, device string) bool {
	return parse(p.selector).Matches(t.labels[device])
}

func parse(selector string) labels.Selector {
	s, err := labels.Parse(selector)
	if err != nil {
		return labels.Nothing()
	}
	return s
}

// contentOf is the digest of the score that a person asked for as that one.
func contentOf(intent int) string {
	return contract.DigestOf(fmt.Append(nil, "score ", intent)).String()
}
