// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"nationtech.io/harmony/diag"
)

const (
	inventoryPrefix = "harmony-"
	inventoryKey    = "inventory.json"
	inventoryFormat = 1
)

// A record is what an inventory says: it lists every object before that object is made, so
// that whatever a killed run leaves behind is found again.
type record struct {
	Format  int       `json:"format"`
	Version string    `json:"version,omitempty"` // of Harmony
	Since   time.Time `json:"since"`             // when the component was first deployed
	Objects []entry   `json:"objects,omitempty"` // in the order of application
	Data    []entry   `json:"data,omitempty"`    // what only a purge deletes

	at string // the resourceVersion that was read; empty when there was none
}

// An entry is one object of a record. UID and Digest are empty until it was applied.
type entry struct {
	Group     string    `json:"group,omitempty"`
	Version   string    `json:"version"`
	Kind      string    `json:"kind"`
	Namespace string    `json:"namespace,omitempty"`
	Name      string    `json:"name"`
	UID       types.UID `json:"uid,omitempty"`
	Digest    string    `json:"digest,omitempty"`
}

func (e entry) reference() reference {
	return reference{schema.GroupVersionKind{Group: e.Group, Version: e.Version, Kind: e.Kind}, e.Namespace, e.Name}
}

func entryOf(r reference) entry {
	return entry{Group: r.Group, Version: r.Version, Kind: r.Kind, Namespace: r.Namespace, Name: r.Name}
}

// entries are the record's objects by their keys.
func (r *record) entries() map[reference]entry {
	found := map[reference]entry{}
	for _, e := range r.Objects {
		found[e.reference().key()] = e
	}
	return found
}

// claim gives the record that must stand before any of the items is made: all that
// it listed, and what it did not list yet.
func (r *record) claim(items []item) *record {
	next := *r
	known := r.entries()
	next.Objects = slices.Clone(r.Objects)
	for _, it := range items {
		if _, listed := known[it.key()]; !listed {
			next.Objects = append(next.Objects, entryOf(it.reference))
		}
	}
	return &next
}

// hasData adds the Secret to the record's data.
func (r *record) hasData(added ...entry) {
	all := map[reference]entry{}
	for _, e := range append(slices.Clone(r.Data), added...) {
		all[e.reference().key()] = e
	}
	r.Data = slices.SortedFunc(maps.Values(all), func(a, b entry) int { return compareReferences(a.reference(), b.reference()) })
}

func (r *record) encode(inventory Inventory) *corev1.ConfigMap {
	labels := inventory.Labels()
	labels[InventoryLabel] = "true"
	// A record is made of texts and times: it always encodes.
	text, _ := json.MarshalIndent(r, "", "  ")
	return &corev1.ConfigMap{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{
			Name: inventory.configMap(), Namespace: inventory.Namespace, Labels: labels, ResourceVersion: r.at,
			Annotations: map[string]string{InventoryAnnotation: inventory.String()},
		},
		Data: map[string]string{inventoryKey: string(text) + "\n"},
	}
}

func decodeRecord(cm *corev1.ConfigMap) (*record, error) {
	path := "ConfigMap/" + cm.Name
	if cm.Labels[InventoryLabel] != "true" {
		return nil, diag.New(diag.NotOurs, path).Saw("it has the name of the component's inventory and is none").
			Try("give the component or the ConfigMap another name")
	}
	r := &record{}
	decoder := json.NewDecoder(bytes.NewReader([]byte(cm.Data[inventoryKey])))
	if err := decoder.Decode(r); err != nil {
		return nil, diag.New(diag.ObjectRefused, path).Saw("the inventory cannot be read").Because(err)
	}
	if r.Format != inventoryFormat {
		return nil, diag.New(diag.ObjectRefused, path).
			Saw("the inventory has format " + strconv.Itoa(r.Format) + "; this version of Harmony knows " + strconv.Itoa(inventoryFormat)).
			Try("use the version of Harmony that deployed the component, or a newer one")
	}
	r.at = cm.ResourceVersion
	return r, nil
}

// same tells whether two records say the same.
func (r *record) same(other *record) bool {
	a, _ := json.Marshal(r)
	b, _ := json.Marshal(other)
	return bytes.Equal(a, b)
}

func (i Inventory) configMap() string { return inventoryPrefix + i.Name }
