// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// StepConverge is the name of the step in which Apply waits for readiness.
const StepConverge = "converge"

// converge waits until every item is ready, or one of them will not heal.
func (c *Client) converge(ctx context.Context, inventory Inventory, s *survey) error {
	end := event.Begin(ctx, StepConverge)
	err := c.await(ctx, inventory, pointers(s.findings))
	end(err)
	return err
}

// established waits until definitions and namespaces are what the next stage can stand on.
func (c *Client) established(ctx context.Context, inventory Inventory, stage []*finding) error {
	return c.await(ctx, inventory, stage)
}

func (c *Client) await(ctx context.Context, inventory Inventory, findings []*finding) error {
	var items []item
	standing := map[reference]string{}
	for _, f := range findings {
		items = append(items, f.item)
		if f.live != nil {
			standing[f.key()] = f.live.GetResourceVersion()
		}
	}
	watched := sources(inventory, items, standing)
	if len(watched) == 0 {
		return nil
	}
	m := newMirror(watched)
	stop := c.followAll(ctx, watched, m)
	defer stop()
	j := &judgement{items: items, mirror: m, since: map[string]time.Time{}, from: time.Now()}
	err := wait.Until(ctx, "objects to become ready", wait.Pace{Wake: m.wake}, j.look)
	return c.explain(ctx, j, err)
}

// followAll watches all sources until stop is called, which waits for their end.
func (c *Client) followAll(ctx context.Context, watched []source, m *mirror) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, s := range watched {
		all.Go(func() { _ = c.follow(ctx, s, m) }) // the mirror knows that it is lost, and the wait decides what that means
	}
	return func() { cancel(); all.Wait() }
}

// A judgement is a wait for items to become ready: what was made of each of them last, and
// since when each bad state has lasted.
type judgement struct {
	items  []item
	mirror *mirror

	from     time.Time
	verdicts map[reference]verdict
	world    *world
	began    crashes
	since    map[string]time.Time
	trouble  error     // why what is known may be out of date
	away     time.Time // since when the API server does not answer; zero when it does
	said     string
}

// errLost ends the wait: a bad state has lasted for its grace.
var errLost = errors.New("objects are in a state that does not heal")

// errAway ends the wait: the API server has not answered for serverAway's grace.
var errAway = errors.New("the API server does not answer any more")

func (j *judgement) look(ctx context.Context) (string, bool, error) {
	all, waiting, trouble := j.mirror.objects()
	j.trouble = trouble
	if j.serverIsAway(time.Now()) {
		return trouble.Error(), false, errAway
	}
	if waiting != nil {
		return j.unread(ctx, waiting, trouble)
	}
	j.world = worldOf(all)
	j.world.from, j.world.own, j.world.classesRead = j.from, ownReadiness(j.items), j.mirror.has(classKind)
	if j.began == nil {
		j.began = j.world.crashes()
	}
	j.world.began = j.began
	j.verdicts = map[reference]verdict{}
	for _, it := range j.items {
		j.verdicts[it.reference] = j.world.assess(it.reference)
	}
	j.hideConsequences()
	lost := j.count(ctx, time.Now()) && trouble == nil
	ref, v := j.foremost()
	if v.state == ready {
		return "", true, nil
	}
	j.tell(ctx, ref, v)
	if lost {
		return v.line(ref), false, errLost
	}
	return v.line(ref), false, nil
}

// ownReadiness are the items that their Score judges itself.
func ownReadiness(items []item) map[reference]func(Object) Readiness {
	own := map[reference]func(Object) Readiness{}
	for _, it := range items {
		if it.judge != nil {
			own[it.key()] = it.judge
		}
	}
	return own
}

// serverIsAway notes since when the API server does not answer, and tells whether that has lasted for its grace.
func (j *judgement) serverIsAway(now time.Time) bool {
	if !unanswered(j.trouble) {
		j.away = time.Time{}
		return false
	}
	if j.away.IsZero() {
		j.away = now
	}
	return now.Sub(j.away) >= serverAway.grace
}

// count notes since when each bad state lasts, and tells whether one counts.
func (j *judgement) count(ctx context.Context, now time.Time) (lost bool) {
	since := map[string]time.Time{}
	for ref, v := range j.verdicts {
		if v.state != bad {
			continue
		}
		key := v.key(ref)
		since[key] = j.since[key]
		if since[key].IsZero() {
			since[key] = now
		}
	}
	j.since = since
	for ref, v := range j.verdicts {
		lost = lost || j.counts(ctx, ref, v, now)
	}
	return lost
}

// counts tells whether a bad state has lasted for its grace.
func (j *judgement) counts(ctx context.Context, ref reference, v verdict, now time.Time) bool {
	if v.state != bad || now.Sub(j.since[v.key(ref)]) < v.trouble.grace {
		return false
	}
	if !v.trouble.late {
		return true
	}
	deadline, limited := ctx.Deadline()
	return limited && deadline.Sub(now) <= min(lateBefore, deadline.Sub(j.from)/lateShare)
}

// foremost is the one verdict to tell people of: a bad one, else one that is not ready.
func (j *judgement) foremost() (ref reference, v verdict) {
	v = isReady()
	for _, r := range sorted(j.verdicts) {
		found := j.verdicts[r]
		if found.state == bad && v.state != bad || found.state == notYet && v.state == ready {
			ref, v = r, found
		}
	}
	return ref, v
}

// unread says why there is nothing to judge yet. What may not be read ends the wait.
func (j *judgement) unread(ctx context.Context, waiting *source, trouble error) (string, bool, error) {
	if trouble == nil {
		return "", false, nil
	}
	if forbidden(trouble) {
		return trouble.Error(), false, trouble
	}
	if text := trouble.Error(); text != j.said {
		j.said = text
		event.Emit(ctx, event.Waiting{For: waiting.kind.Kind, Saw: text})
	}
	return trouble.Error(), false, nil
}

// tell says what is being waited for, when that has changed.
func (j *judgement) tell(ctx context.Context, ref reference, v verdict) {
	if line := v.line(ref); line != j.said {
		j.said = line
		event.Emit(ctx, event.Waiting{For: ref.String(), Saw: strings.TrimPrefix(line, ref.String()+": "), Below: v.path(ref)[1:], Reason: v.reason})
	}
}

// line is the verdict in one line: what, where, why.
func (v verdict) line(ref reference) string {
	return strings.Join(append(v.path(ref), v.reason), ": ")
}

// path leads from the object down to where the reason was found.
func (v verdict) path(ref reference) []string {
	path := []string{ref.String()}
	if v.pod != nil && ref.Kind != "Pod" {
		path = append(path, "Pod/"+v.pod.Name)
	}
	if v.container != "" {
		path = append(path, "container "+v.container)
	}
	return path
}

func (v verdict) key(ref reference) string {
	return strings.Join(append(v.path(ref), ref.Namespace, v.trouble.name), "\x00")
}
