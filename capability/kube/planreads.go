// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// Generate gives the values that stand, and for each that would be generated one that nobody will ever use.
func (p *planning) Generate(ctx context.Context, inventory Inventory, name string, keys ...string) (map[string]secret.Value, harmony.Outcome, error) {
	ref := coreReference("Secret", inventory.Namespace, name)
	live, err := p.get(ctx, secrets, ref)
	if err != nil {
		return nil, harmony.Outcome{}, err
	}
	if live != nil && !inventory.owns(live, entry{}) {
		return nil, harmony.Outcome{}, diag.New(diag.NotOurs, ref.String()).Saw(owner(live)).
			Try("give the component another name or namespace, or remove that object")
	}
	values := map[string]secret.Value{}
	if live != nil {
		values = revealed(live)
	}
	var lacking []string
	for _, key := range keys {
		if values[key].IsZero() {
			lacking = append(lacking, key)
			values[key] = secret.Random()
		}
	}
	if len(lacking) > 0 {
		p.draft.MadeUp()
	}
	values = p.promises().keep(ref, values)
	p.known.see(values)
	planned, err := p.generation(ctx, inventory, ref, live, lacking)
	p.draft.Note(planned...)
	return values, outcome(planned), err
}

// promises are the values that a plan has made up for Secrets: all placements of the run are given the same.
type promises struct {
	mu     sync.Mutex
	values map[reference]map[string]secret.Value
}

func (p *planning) promises() *promises {
	return p.draft.Share("kube", &promises{values: map[reference]map[string]secret.Value{}}).(*promises)
}

// keep gives the values that the Secret is known by, and keeps those that nobody has asked for yet.
func (p *promises) keep(of reference, values map[string]secret.Value) map[string]secret.Value {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.values[of] = with(values, p.values[of])
	return maps.Clone(p.values[of])
}

// Secret gives what stands, or what this plan has generated.
func (p *planning) Secret(ctx context.Context, namespace, name string) (map[string]secret.Value, error) {
	values, err := p.Client.Secret(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	all := p.promises()
	all.mu.Lock()
	defer all.mu.Unlock()
	promised := all.values[coreReference("Secret", namespace, name)]
	if values == nil && promised == nil {
		return nil, nil
	}
	return with(promised, values), nil
}

// generation is what would be made of the Secret, for the first who asks.
func (p *planning) generation(ctx context.Context, inventory Inventory, ref reference, live *unstructured.Unstructured, lacking []string) ([]harmony.Planned, error) {
	planned := harmony.Planned{Intent: harmony.Keep, Object: ref.String(), Namespace: ref.Namespace}
	var all []harmony.Planned
	switch {
	case live == nil:
		planned.Intent = harmony.Create
		ns, err := p.namespace(ctx, inventory.Namespace)
		if err != nil {
			return nil, err
		}
		if ns == nil {
			all = p.makes(inventory.Namespace)
			break
		}
		r, err := p.record(ctx, inventory)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(r.Data, func(e entry) bool { return e.reference().key() == ref.key() }) {
			planned.Intent, planned.Detail = harmony.Repair, "it had been deleted; its values will be new"
		}
	case len(lacking) > 0:
		planned.Intent, planned.Detail = harmony.Update, "generates "+strings.Join(lacking, ", ")
	}
	for _, key := range lacking {
		planned.Fields = append(planned.Fields, harmony.Field{Path: join("data", key), Hidden: true})
	}
	if !p.draft.First(ref) {
		return all, nil
	}
	return append(all, planned), nil
}

// Remove notes what would be deleted, and lists it.
func (p *planning) Remove(ctx context.Context, inventory Inventory, how harmony.Removal) (removed harmony.Removed, err error) {
	r, err := p.record(ctx, inventory)
	if err != nil {
		return removed, err
	}
	rest, data, err := p.stand(ctx, inventory, r.Objects)
	if err != nil {
		return removed, err
	}
	if data, err = p.withData(ctx, inventory, r, data); err != nil {
		return removed, err
	}
	if how.Purge {
		rest, data = append(rest, data...), nil
	}
	p.draft.Note(doom(rest, "")...)
	removed.Gone, removed.Kept = names(rest), names(data)
	return removed, nil
}

// Dial reaches nobody: who answers after the apply may be someone else than who answers now, or nobody yet.
func (p *planning) Dial(_ context.Context, to Service) (net.Conn, error) {
	return nil, p.draft.Later(fmt.Sprintf("what Service/%s in %s answers on port %d", to.Name, to.Namespace, to.Port))
}
