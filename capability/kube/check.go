// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

// A finding is what stands of an item, and what applying it would make of that.
type finding struct {
	item
	live    *unstructured.Unstructured // nil: it does not exist
	after   *unstructured.Unstructured // the dry run's answer; nil: nobody can tell
	action  harmony.Action             // empty: nothing to do
	detail  string
	fields  []difference // what the component decides otherwise than it stands
	others  int          // fields that differ, too, and that defaulting and webhooks decide
	unsure  string       // why the dry run cannot tell; empty when it can
	refused bool         // something stands against applying it
	removed bool         // what stood was deleted, for another to be made
}

// A survey is everything that is known before the first change.
type survey struct {
	namespace *corev1.Namespace // nil: there is none
	record    *record
	findings  []finding
}

// check looks at everything in one round, writes nothing, and reports all that stands against
// applying the items. What it found comes with the error.
func (c *Client) check(ctx context.Context, inventory Inventory, items []item) (*survey, error) {
	s := &survey{findings: make([]finding, len(items))}
	var all side
	all.do(func() (err error) { s.namespace, err = c.namespace(ctx, inventory.Namespace); return err })
	all.do(func() (err error) { s.record, err = c.record(ctx, inventory); return err })
	refusals := make([]error, len(items))
	for i, it := range items {
		f := &s.findings[i]
		f.item = it
		all.do(func() (err error) { f.live, err = c.get(ctx, it.resource, it.reference); return err })
		all.do(func() error { f.after, refusals[i] = c.tryApply(ctx, it); return nil })
	}
	if err := all.wait(); err != nil {
		return nil, err
	}
	if s.namespace != nil && s.namespace.DeletionTimestamp != nil {
		return nil, terminating(inventory.Namespace)
	}
	for _, f := range s.findings {
		if f.live != nil && f.Kind == "Secret" {
			c.known.see(revealed(f.live)) // what is in force is as secret as what is wanted
		}
	}
	var errs []error
	entries := s.record.entries()
	for i := range s.findings {
		err := c.judge(ctx, inventory, entries, &s.findings[i], refusals[i])
		s.findings[i].refused = err != nil
		errs = append(errs, err)
	}
	return s, errors.Join(errs...)
}

// judge decides what is to be done about an item.
func (c *Client) judge(ctx context.Context, inventory Inventory, entries map[reference]entry, f *finding, refusal error) error {
	recorded, listed := entries[f.key()]
	switch {
	case f.live != nil && !inventory.owns(f.live, recorded):
		return diag.New(diag.NotOurs, f.String()).Saw(owner(f.live)).
			Note("Harmony changes only what it made itself").
			Try("give the component another name or namespace, or remove that object")
	case f.live != nil && f.live.GetDeletionTimestamp() == nil && immutable(refusal):
		return c.replace(ctx, f, refusal)
	case refusal != nil && binding(refusal, f.live != nil):
		return failed(ctx, refusal, attempt{"apply", f.reference})
	case f.live == nil || f.live.GetDeletionTimestamp() != nil:
		f.action = harmony.Created
		if listed && recorded.UID != "" {
			f.action, f.detail = harmony.Repaired, "it had been deleted"
		}
		f.unsure = untold(refusal)
	case refusal != nil:
		f.after = nil
		f.action = harmony.Updated
		f.unsure = untold(refusal)
	default:
		f.decide(recorded)
	}
	return nil
}

// decide tells what we want otherwise from what someone else has changed.
func (f *finding) decide(recorded entry) {
	f.fields, f.others = decided(f.differences(f.after))
	if len(f.fields) == 0 {
		return
	}
	fields := paths(f.fields)
	f.action, f.detail = harmony.Updated, detail(fields)
	by := editors(f.live, fields)
	if recorded.Digest == f.digest && (f.Kind != "Secret" || len(by) > 0) {
		f.action, f.detail = harmony.Repaired, "someone had changed "+detail(fields)
		if len(by) > 0 {
			f.detail = strings.Join(by, ", ") + " had changed " + detail(fields)
		}
	}
}

// untold says what a dry run that was refused leaves open.
func untold(refusal error) string {
	switch {
	case refusal == nil:
		return ""
	case apierrors.IsNotFound(refusal):
		return "what defaulting and admission make of it"
	}
	return "whether it is taken: now the API server says " + refusal.Error()
}

// binding tells whether a dry run's refusal holds for the real thing too: some only say
// that something it stands on does not exist yet.
func binding(err error, exists bool) bool {
	switch {
	case apierrors.IsNotFound(err):
		return false
	case apierrors.IsBadRequest(err) && strings.Contains(err.Error(), "dry run"):
		return false // a webhook that cannot tell
	case exists:
		return true
	case apierrors.IsForbidden(err) && rbac.MatchString(err.Error()):
		return true
	}
	return apierrors.IsInvalid(err) || apierrors.IsBadRequest(err)
}
