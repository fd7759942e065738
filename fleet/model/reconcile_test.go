// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"maps"
	"reflect"

	"nationtech.io/harmony/fleet/operator/plane"
)

// reconcile is what package operator does with one Deployment.
func (o *operator) reconcile(name string) {
	p, there := o.cache.objects[name]
	if !there {
		o.forget(name)
		return
	}
	if k := o.known[name]; k.uid != "" && k.uid != p.uid {
		o.forget(name)
	}
	if !p.held {
		if p.deleting || !o.server.update(p, func(p *object) { p.held = true }) {
			return
		}
		p = o.server.objects[name]
		o.cache.objects[name] = p
	}
	o.tell(p)
	if p.deleting {
		o.remove(p)
	}
}

func (o *operator) forget(name string) {
	if k := o.known[name]; k.uid != "" {
		o.state.DropDeployment(k.uid)
	}
	delete(o.known, name)
}

// tell makes a Deployment known: its release first, and then the plane.
func (o *operator) tell(p object) {
	k := o.known[p.name]
	var how *plane.Rollout
	if !p.deleting {
		if p.wish != nil {
			wish := *p.wish
			how = &wish
		}
		k = o.begin(p, k, how)
		if k.release.Digest != p.content {
			k.release = plane.Release{Digest: p.content, Generation: p.generation}
			o.server.change(func() { o.server.releases[p.content] = p.uid })
		}
		o.bodies[p.content] = true
		if how == nil && p.progress != nil && !o.unroll(&p) {
			return // it is looked at again
		}
	}
	if k.release.Digest == "" {
		k.release = p.release
	}
	o.known[p.name] = known{p.uid, k.release}
	o.state.SetDeployment(plane.Deployment{
		Namespace: namespace, Name: p.name, UID: p.uid, Generation: p.generation, EntryGeneration: k.release.Generation, Digest: k.release.Digest,
		Selector: parse(p.selector), Rollout: how, Deleting: p.deleting,
	})
}

// unroll takes the position of a rollout out of the status before devices are told something without one.
func (o *operator) unroll(p *object) bool {
	done := o.server.update(*p, func(p *object) { p.progress = nil })
	if done {
		*p = o.server.objects[p.name]
		o.cache.objects[p.name] = *p
	}
	return done
}

// begin finds out what devices were told until now.
func (o *operator) begin(p object, k known, how *plane.Rollout) known {
	if k.uid != "" {
		if how != nil {
			how.Start = plane.Everyone(k.release)
		}
		return k
	}
	if how == nil {
		k.release = o.said(p)
		return k
	}
	now := o.server.objects[p.name]
	k.release = o.said(now)
	switch {
	case now.progress != nil:
		how.Start = *now.progress
	case k.release.Digest != "":
		how.Start = plane.Everyone(k.release)
	}
	for _, digest := range how.Start.Digests() {
		o.bodies[digest] = o.bodies[digest] || o.server.releases[digest] == p.uid
	}
	if back := plane.ReleaseOf(how.Start.Position.Before).Digest; back != "" && o.server.releases[back] != p.uid {
		how.Start.Position.Before = ""
	}
	return k
}

// said is the release that a status says devices were told; none when they may have been told another one since.
func (o *operator) said(p object) plane.Release {
	if p.generation-p.observed > 1 && p.progress == nil {
		return plane.Release{}
	}
	return p.release
}

// remove lets a Deployment go: into the graveyard first.
func (o *operator) remove(p object) {
	online, offline := o.state.Holding(p.uid)
	waited := o.now.Sub(o.deleted[p.uid])
	if !o.converged || len(online) > 0 && waited < removalLimit || len(offline) > 0 && waited < offlineLimit {
		return
	}
	s := o.server
	if s.term != o.state.Order().Term {
		return // another one leads
	}
	s.change(func() {
		s.graves[p.uid] = plane.Grave{Namespace: namespace, Name: p.name, UID: p.uid, Generation: p.generation}
	})
	o.bury(s.graves)
	if now, there := s.objects[p.name]; there && now.version == p.version {
		s.change(func() {
			delete(s.objects, p.name)
			s.gone[p.uid] = true
			maps.DeleteFunc(s.releases, func(_, of string) bool { return of == p.uid })
		})
	}
}

// say lets rollouts go on, and then writes status: not before it is known that the API server was not restored.
func (o *operator) say() {
	if !o.converged || !o.watches() || o.dead {
		return
	}
	for _, step := range o.state.Steps(o.now) {
		if !step.Moves || o.place(step) {
			o.state.Take(step, o.now)
			continue
		}
		o.state.Again(step.UID)
	}
	for _, c := range o.state.Changed() {
		o.status(c)
	}
}

// place keeps where a rollout goes.
func (o *operator) place(step plane.Step) bool {
	p, there := o.cache.objects[step.Name]
	return there && p.uid == step.UID && o.server.update(p, func(p *object) {
		p.release, p.progress = step.Wanted, &step.To
		if step.To.Position.Reverted != "" {
			o.takenBack[plane.ReleaseOf(step.To.Position.Layers[0].Release)] = true
		}
	})
}

// status writes what differs from what the cache has.
func (o *operator) status(c plane.Change) {
	seen, there := o.cache.objects[c.Name]
	told, known := o.state.Deployment(c.UID)
	now, exists := o.server.objects[c.Name]
	if !there || !known || seen.uid != c.UID || !exists || now.uid != seen.uid {
		return
	}
	release, progress := plane.Release{Digest: told.Digest, Generation: told.EntryGeneration}, seen.progress
	switch reach, rolling := o.state.Reach(c.UID); {
	case rolling:
		progress = &reach.Progress
	case told.Rollout == nil:
		progress = nil
	}
	observed := seen.observed
	if told.Generation >= seen.generation {
		observed = told.Generation
	}
	if observed == seen.observed && release == seen.release && reflect.DeepEqual(progress, seen.progress) {
		return
	}
	o.server.change(func() {
		now.observed = observed
		if release != seen.release {
			now.release = release
		}
		if !reflect.DeepEqual(progress, seen.progress) {
			now.progress = progress
		}
		o.server.put(now)
	})
}
