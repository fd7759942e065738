// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

const sideBySide = 8 // lists, each of one kind

// A View is all objects that were looked at, by their names.
type View map[Key]*Object

// Look lists every object of the kinds, in all namespaces when none is named.
func (w *World) Look(ctx context.Context, kinds []Kind, namespace string) (View, error) {
	view := View{}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(sideBySide)
	for _, kind := range kinds {
		group.Go(func() error {
			objects, err := w.list(ctx, kind, namespace)
			mu.Lock()
			defer mu.Unlock()
			for _, o := range objects {
				view[o.Key()] = o
			}
			return err
		})
	}
	return view, group.Wait()
}

func (w *World) list(ctx context.Context, kind Kind, namespace string) (objects []*Object, err error) {
	text, err := w.api.RESTClient().Get().AbsPath(kind.path(namespace)...).DoRaw(ctx)
	if apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
		return nil, nil // its definition went away meanwhile
	}
	if err != nil {
		return nil, fmt.Errorf("list every %s: %w", kind.Kind, err)
	}
	var list struct{ Items []json.RawMessage }
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("read the list of every %s: %w", kind.Kind, err)
	}
	for _, raw := range list.Items {
		o, err := decode(kind, raw)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// Only are the objects for which keep is true.
func (v View) Only(keep func(*Object) bool) View {
	only := View{}
	for key, o := range v {
		if keep(o) {
			only[key] = o
		}
	}
	return only
}

// Without are the objects whose names the other view does not have.
func (v View) Without(other View) View {
	return v.Only(func(o *Object) bool { return other[o.Key()] == nil })
}

// Kinds are those of the objects, each once.
func (v View) Kinds() (kinds []Kind) {
	seen := map[Kind]bool{}
	for _, o := range v {
		if !seen[o.Kind] {
			seen[o.Kind] = true
			kinds = append(kinds, o.Kind)
		}
	}
	return kinds
}

// And are the objects of both views.
func (v View) And(other View) View {
	both := maps.Clone(v)
	maps.Copy(both, other)
	return both
}
