// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// Generate gives the values of the inventory's Secret of that name, and generates those that it lacks.
func (c *Client) Generate(ctx context.Context, inventory Inventory, name string, keys ...string) (map[string]secret.Value, harmony.Outcome, error) {
	var outcome harmony.Outcome
	ref := coreReference("Secret", inventory.Namespace, name)
	if err := c.hold(ctx, inventory); err != nil {
		return nil, outcome, err
	}
	// Whoever loses a race against another run finds that run's values in the next round.
	for range meanwhile {
		live, err := c.get(ctx, secrets, ref)
		if err != nil {
			return nil, outcome, err
		}
		if live != nil && !inventory.owns(live, entry{}) {
			return nil, outcome, diag.New(diag.NotOurs, ref.String()).Saw(owner(live)).
				Try("give the component another name or namespace, or remove that object")
		}
		made, change, err := c.generate(ctx, inventory, ref, live, keys)
		outcome.Changes = append(outcome.Changes, change...)
		if apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) {
			continue
		}
		if err != nil {
			return nil, outcome, failed(ctx, err, attempt{"create", ref})
		}
		values := revealed(made)
		c.known.note(inventory, name, values)
		return values, outcome, nil
	}
	return nil, outcome, diag.New(diag.ChangedMeanwhile, ref.String()).Saw("other runs write it again and again")
}

// generate makes the Secret, or adds the keys that it lacks, and returns it as it stands.
func (c *Client) generate(ctx context.Context, inventory Inventory, ref reference, live *unstructured.Unstructured, keys []string) (*unstructured.Unstructured, []harmony.Change, error) {
	var changes []harmony.Change
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: ref.Name, Namespace: ref.Namespace}}
	send, action, why := c.update, harmony.Updated, ""
	if live == nil {
		var err error
		if changes, action, why, err = c.missing(ctx, inventory, ref); err != nil {
			return nil, changes, err
		}
		send = c.create
	} else if err := typed(live, s); err != nil {
		return nil, nil, err
	}
	lacking := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return len(s.Data[key]) > 0 })
	if len(lacking) == 0 && live != nil {
		return live, nil, nil
	}
	if s.Data == nil {
		s.Data = map[string][]byte{}
	}
	for _, key := range lacking {
		s.Data[key] = []byte(secret.Random().Reveal())
	}
	s.Labels, s.Annotations = with(s.Labels, inventory.DataLabels()), with(s.Annotations, map[string]string{InventoryAnnotation: inventory.String()})
	stored, err := send(ctx, secrets, s, ref.GroupVersionKind)
	if err != nil {
		return nil, changes, err
	}
	if live != nil {
		why = "generated " + strings.Join(lacking, ", ")
	}
	return stored, append(changes, changed(ctx, action, ref, why)), nil
}

// missing prepares for a Secret that is not there, and tells whether it once was.
func (c *Client) missing(ctx context.Context, inventory Inventory, ref reference) (changes []harmony.Change, action harmony.Action, why string, err error) {
	ns, err := c.namespace(ctx, inventory.Namespace)
	if err != nil {
		return nil, "", "", err
	}
	if ns == nil {
		if changes, err = c.ensureNamespace(ctx, inventory.Namespace); err == nil {
			err = c.hold(ctx, inventory)
		}
		return changes, harmony.Created, "", err
	}
	r, err := c.record(ctx, inventory)
	if err != nil {
		return nil, "", "", err
	}
	if slices.ContainsFunc(r.Data, func(e entry) bool { return e.reference().key() == ref.key() }) {
		return nil, harmony.Repaired, "it had been deleted; its values are new", nil
	}
	return nil, harmony.Created, "", nil
}

// generated are the entries of what this process generated for the inventory.
func (c *Client) generated(inventory Inventory) (entries []entry) {
	for _, name := range c.known.names(inventory) {
		entries = append(entries, entryOf(coreReference("Secret", inventory.Namespace, name)))
	}
	return entries
}

func revealed(u *unstructured.Unstructured) map[string]secret.Value {
	values := map[string]secret.Value{}
	for key, text := range secretData(u) {
		values[key] = secret.New(text)
	}
	return values
}

// secretData is what a Secret holds, decoded.
func secretData(u *unstructured.Unstructured) map[string]string {
	data, _, _ := unstructured.NestedStringMap(u.Object, "data")
	plain := map[string]string{}
	for key, encoded := range data {
		if text, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			plain[key] = string(text)
		}
	}
	return plain
}

// with is a copy of m that also has what more has.
func with[V any](m, more map[string]V) map[string]V {
	merged := maps.Clone(m)
	if merged == nil {
		merged = map[string]V{}
	}
	maps.Copy(merged, more)
	return merged
}
