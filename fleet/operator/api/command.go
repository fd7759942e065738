// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/people"
)

const (
	defaultLimit = 10 * time.Second
	sideBySide   = 64 // devices that one request asks at once
	maxFollowed  = 8  // devices whose logs one request gets
	writeLimit   = 30 * time.Second
	maxCaller    = 256 // bytes, of the envelope
)

// commands asks devices, and answers with a line for each of their words.
func (s *Server) commands(w http.ResponseWriter, r *http.Request, who Person) error {
	var asked people.Command
	if err := read(r, &asked); err != nil {
		return err
	}
	if err := check(asked); err != nil {
		return err
	}
	request, start := contract.NewRequestID(), time.Now()
	views, err := s.entrusted(r.Context(), who, asked)
	if err != nil {
		s.audit(who, asked, request, asked.Devices, "refused: "+err.Error())
		return err
	}
	s.audit(who, asked, request, ids(views), "asked")
	ctx, cancel := context.WithTimeout(r.Context(), limitOf(asked))
	defer cancel()
	out := newLines(w, cancel)
	summary := s.ask(ctx, views, order{asked, request, caller(who)}, out)
	summary.Seconds = time.Since(start).Seconds()
	out.write(people.Event{Summary: &summary})
	outcome := fmt.Sprintf("%d answered, %d offline, %d failed of %d", summary.Answered, summary.Offline, summary.Failed, summary.Asked)
	if out.failed() {
		outcome += "; the caller went away"
	}
	s.audit(who, asked, request, ids(views), outcome)
	return nil
}

func limitOf(c people.Command) time.Duration {
	if c.LimitSeconds == 0 {
		return defaultLimit
	}
	return time.Duration(c.LimitSeconds) * time.Second
}

// verbs are those that people may use, and whether each is about a workload.
var verbs = map[contract.Verb]bool{
	contract.VerbPing: false, contract.VerbResync: false,
	contract.VerbLogs: true, contract.VerbExec: true, contract.VerbRestart: true, contract.VerbInspect: true,
}

func check(c people.Command) error {
	bad := diag.New(diag.QuestionRefused)
	if _, known := verbs[contract.Verb(c.Verb)]; !known {
		bad.Saw(fmt.Sprintf("%q is no command", c.Verb))
	}
	if len(c.Devices) == 0 && c.Selector == "" && c.Deployment == "" {
		bad.Saw("it says of no device that it is meant").Try("name devices, or choose them by their labels")
	}
	if c.LimitSeconds < 0 || limitOf(c) > people.MaxLimit {
		bad.Saw(fmt.Sprintf("the limit is 1 to %.0f seconds", people.MaxLimit.Seconds()))
	}
	if c.Tail < 0 || c.Tail > contract.MaxTail {
		bad.Saw(fmt.Sprintf("tail is 0 to %d lines", contract.MaxTail))
	}
	if (c.Verb == string(contract.VerbExec)) != (len(c.Argv) > 0) {
		bad.Saw("exec, and nothing else, has a program to run")
	}
	if len(bad.Evidence) > 0 {
		return bad
	}
	return nil
}

// entrusted are the devices that a command means, all of which a person may give it to. Rights come first, so that who lacks them
// learns of no device and no Deployment: over all devices, which a choice by labels or by a Deployment needs, or over each that is
// named.
func (s *Server) entrusted(ctx context.Context, who Person, c people.Command) ([]plane.View, error) {
	all := right{verb: "create", resource: "devices", subresource: c.Verb}
	refusal := s.Access.demand(ctx, who, all)
	if refusal != nil && (c.Selector != "" || len(c.Devices) == 0 || len(c.Devices) > maxAsked) {
		return nil, refusal
	}
	if refusal != nil {
		if err := s.Access.each(ctx, who, all, c.Devices); err != nil {
			return nil, err
		}
	}
	return s.chosen(c)
}

// chosen are the devices that a command means.
func (s *Server) chosen(c people.Command) ([]plane.View, error) {
	selector := labels.Nothing()
	if c.Selector != "" {
		var err error
		if selector, err = selectorOf(c.Selector); err != nil {
			return nil, err
		}
	}
	var matched []string
	if len(c.Devices) == 0 && c.Selector == "" {
		t, err := s.find(c.Namespace, c.Deployment)
		if err != nil {
			return nil, err
		}
		matched = s.State.Matched(t.Deployment.UID)
	}
	views := s.State.Views(func(id string, l labels.Set) bool {
		return slices.Contains(c.Devices, id) || slices.Contains(matched, id) || selector.Matches(l)
	})
	for _, name := range c.Devices {
		if !slices.ContainsFunc(views, func(v plane.View) bool { return v.ID == name }) {
			return views, s.unknown(name)
		}
	}
	if len(views) == 0 {
		return nil, diag.New(diag.NotInFleet).Saw("no device is chosen by that").Try("look at the labels of devices: harmony-fleet devices --output wide")
	}
	if c.Verb == string(contract.VerbLogs) && len(views) > maxFollowed {
		return views, diag.New(diag.QuestionRefused).Saw(fmt.Sprintf("logs are of %d devices at a time, and these are %d", maxFollowed, len(views)))
	}
	return views, nil
}

func ids(views []plane.View) (all []string) {
	for _, v := range views {
		all = append(all, v.ID)
	}
	return all
}

// caller is who asks, as devices write it into their logs.
func caller(who Person) string {
	name := who.Name
	for i := range name {
		if i > maxCaller-4 { // the beginning of a character, and the longest has 4 bytes
			return name[:i]
		}
	}
	return name
}

// An order is a command that was found good.
type order struct {
	people.Command
	request contract.RequestID
	caller  string
}

// ask asks devices side by side, and counts.
func (s *Server) ask(ctx context.Context, views []plane.View, o order, out *lines) people.Summary {
	sum := people.Summary{Request: o.request.String(), Asked: len(views)}
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, sideBySide)
	for _, v := range views {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			answer, failed := s.askOne(ctx, v, o, out)
			out.write(people.Event{Device: v.ID, Answer: answer, Error: failed})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case failed == nil:
				sum.Answered++
			case failed.Kind == kindOffline:
				sum.Offline++
			default:
				sum.Failed++
			}
		})
	}
	all.Wait()
	return sum
}

// lines writes events, each as a line, and takes care that they go out at once. A client that takes none any longer ends
// the request.
type lines struct {
	mu      sync.Mutex
	to      *json.Encoder
	control *http.ResponseController
	give    context.CancelFunc
	broken  bool
}

func newLines(w http.ResponseWriter, give context.CancelFunc) *lines {
	w.Header().Set("Content-Type", "application/x-ndjson")
	l := &lines{to: json.NewEncoder(w), control: http.NewResponseController(w), give: give}
	// The request was read: the limit for that must not end an answer that takes longer.
	l.broken = l.control.SetReadDeadline(time.Time{}) != nil
	return l
}

func (l *lines) write(e people.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken {
		return
	}
	err := l.control.SetWriteDeadline(time.Now().Add(writeLimit))
	if err == nil {
		err = l.to.Encode(e)
	}
	if err == nil {
		err = l.control.Flush()
	}
	if err != nil {
		l.broken = true
		l.give()
	}
}

func (l *lines) failed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broken
}
