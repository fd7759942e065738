// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
)

// A mirror holds what the sources that it follows hold, and wakes whoever waits for a change.
type mirror struct {
	wake chan struct{}

	mu      sync.Mutex
	sources map[source]*reflection
}

type reflection struct {
	objects map[types.UID]Object
	err     error // why it may be out of date
	listed  bool
}

func newMirror(sources []source) *mirror {
	m := &mirror{wake: make(chan struct{}, 1), sources: map[source]*reflection{}}
	for _, s := range sources {
		m.sources[s] = &reflection{objects: map[types.UID]Object{}}
	}
	return m
}

func (m *mirror) change(s source, f func(*reflection)) {
	m.mu.Lock()
	f(m.sources[s])
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default: // it is awake already
	}
}

func (m *mirror) replace(s source, list []unstructured.Unstructured) {
	objects := map[types.UID]Object{}
	for i := range list {
		objects[list[i].GetUID()] = decode(s.kind, &list[i])
	}
	m.change(s, func(r *reflection) { r.objects, r.err, r.listed = objects, nil, true })
}

func (m *mirror) put(s source, u *unstructured.Unstructured) {
	o := decode(s.kind, u)
	m.change(s, func(r *reflection) { r.objects[u.GetUID()], r.err = o, nil })
}

func (m *mirror) drop(s source, u *unstructured.Unstructured) {
	m.change(s, func(r *reflection) { delete(r.objects, u.GetUID()) })
}

func (m *mirror) lost(s source, err error) {
	m.change(s, func(r *reflection) { r.err = err })
}

// has tells whether all objects of a kind were read.
func (m *mirror) has(kind schema.GroupVersionKind) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for s, r := range m.sources {
		if s.kind == kind && r.listed && r.err == nil {
			return true
		}
	}
	return false
}

// objects are all that the mirror holds. waiting is a source that was not read yet, with what
// keeps it from being read.
func (m *mirror) objects() (all []Object, waiting *source, trouble error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for s, r := range m.sources {
		if r.err != nil && !s.aside && (trouble == nil || !r.listed) {
			trouble = r.err
		}
		if !r.listed && (!s.aside || r.err == nil) {
			waiting = &s
		}
		for _, o := range r.objects {
			all = append(all, o)
		}
	}
	return all, waiting, trouble
}

// decode gives the object in its Go type, where there is one.
func decode(kind schema.GroupVersionKind, u *unstructured.Unstructured) Object {
	u.SetGroupVersionKind(kind)
	made, err := newObject(kind)
	if err != nil || typed(u, made) != nil {
		return u
	}
	return made
}

func newObject(kind schema.GroupVersionKind) (Object, error) {
	if kind == definitionKind {
		return newDefinition(), nil
	}
	made, err := scheme.Scheme.New(kind)
	if err != nil {
		return nil, err
	}
	return made.(Object), nil
}
