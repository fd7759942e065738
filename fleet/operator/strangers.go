// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

const (
	strangersMost  = 1000 // that are remembered
	strangersNamed = 20   // that are named
	// strangersEvery is how often it is said who they are.
	strangersEvery = time.Minute
	// A stranger has been heard for strangeAfter, as one that is being enrolled or was just taken away is none, and counts until it
	// was silent for strangeFor.
	strangeAfter = time.Minute
	strangeFor   = 5 * time.Minute
)

// strangers are devices that speak and are not enrolled in this fleet. The zero value knows none.
type strangers struct {
	mu     sync.Mutex
	all    map[string]stranger
	looked time.Time
	said   string
}

type stranger struct{ first, last time.Time }

// note takes that one was heard. Those beyond strangersMost are not remembered.
func (s *strangers) note(device string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, known := s.all[device]
	switch {
	case !known && len(s.all) >= strangersMost:
		return
	case !known:
		one.first = now
		if s.all == nil {
			s.all = map[string]stranger{}
		}
	}
	one.last = now
	s.all[device] = one
}

// list gives those that go on speaking, by name.
func (s *strangers) list(known func(string) bool, now time.Time) (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.all, func(name string, one stranger) bool { return known(name) || now.Sub(one.last) > strangeFor })
	for name, one := range s.all {
		if one.last.Sub(one.first) >= strangeAfter {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// outsiders says in a sentence who speaks and is not enrolled here; empty when nobody does.
func (r *reign) outsiders(ctx context.Context, now time.Time) string {
	s := &r.strangers
	if !s.looked.IsZero() && now.Sub(s.looked) < strangersEvery {
		return s.said
	}
	s.looked = now
	var said []string
	names := s.list(r.state.Known, now)
	for _, name := range names[:min(len(names), strangersNamed)] {
		said = append(said, name+r.home(ctx, name))
	}
	if more := len(names) - len(said); more > 0 {
		said = append(said, fmt.Sprintf("and %d more", more))
	}
	s.said = ""
	if len(said) > 0 {
		s.said = "devices speak that are not enrolled in this fleet: " + strings.Join(said, ", ")
	}
	return s.said
}

// home says which other fleet a device is enrolled in, if it is.
func (r *reign) home(ctx context.Context, device string) string {
	var d fleet.Device
	err := r.reader.Get(ctx, types.NamespacedName{Name: device}, &d)
	switch {
	case apierrors.IsNotFound(err):
		return ""
	case err != nil:
		r.report("find out where a device is enrolled", err)
		return ""
	}
	return " (of fleet " + d.Spec.Fleet + ")"
}
