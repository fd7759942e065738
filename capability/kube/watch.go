// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	apiwatch "k8s.io/apimachinery/pkg/watch"

	"nationtech.io/harmony/wait"
)

// A source is a set of objects that is watched as one.
type source struct {
	resource
	kind      schema.GroupVersionKind
	namespace string
	labels    string
	fields    string
	atLeast   string // the list must not be older than this resourceVersion; empty: any age will do
	aside     bool   // only explains: when these credentials may not watch it, the wait goes on without
}

const (
	firstPause = 20 * time.Millisecond
	longPause  = time.Second
)

// follow keeps the mirror like the source until the context ends: it lists, watches on from
// there, and begins anew when the watch is lost or its place in history is gone. It fails when that is forbidden.
func (c *Client) follow(ctx context.Context, s source, m *mirror) error {
	pause := firstPause
	for ctx.Err() == nil {
		version, err := c.load(ctx, s, m)
		for err == nil && ctx.Err() == nil {
			pause = firstPause
			if version, err = c.stream(ctx, s, m, version); err == nil {
				_ = wait.Sleep(ctx, pause) // something between may end every watch at once
			}
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // whoever wanted the watch has ended it
		}
		lost := failed(ctx, err, attempt{"watch", reference{s.kind, s.namespace, ""}})
		m.lost(s, lost)
		if apierrors.IsForbidden(err) {
			return lost
		}
		if !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err) {
			_ = wait.Sleep(ctx, pause)
			pause = min(2*pause, longPause)
		}
	}
	return nil
}

func (c *Client) load(ctx context.Context, s source, m *mirror) (version string, err error) {
	options := metav1.ListOptions{LabelSelector: s.labels, FieldSelector: s.fields, ResourceVersion: "0"}
	if s.atLeast != "" {
		options.ResourceVersion, options.ResourceVersionMatch = s.atLeast, metav1.ResourceVersionMatchNotOlderThan
	}
	list, err := c.in(s.resource, s.namespace).List(ctx, options)
	if err != nil {
		return "", err
	}
	m.replace(s, list.Items)
	return list.GetResourceVersion(), nil
}

// stream passes events on until the watch ends and tells how far it came. An
// end without an error is a watch that had run its time.
func (c *Client) stream(ctx context.Context, s source, m *mirror, version string) (string, error) {
	w, err := c.in(s.resource, s.namespace).Watch(ctx, metav1.ListOptions{
		LabelSelector: s.labels, FieldSelector: s.fields, ResourceVersion: version, AllowWatchBookmarks: true,
	})
	if err != nil {
		return version, err
	}
	defer w.Stop()
	for e := range w.ResultChan() {
		u, ok := e.Object.(*unstructured.Unstructured)
		if e.Type == apiwatch.Error || !ok {
			return version, apierrors.FromObject(e.Object)
		}
		version = u.GetResourceVersion()
		switch e.Type {
		case apiwatch.Added, apiwatch.Modified:
			m.put(s, u)
		case apiwatch.Deleted:
			m.drop(s, u)
		}
	}
	return version, nil
}
