// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// A Key names an object, in whatever version it is looked at.
type Key struct{ Group, Kind, Namespace, Name string }

// String is the kind and the name, as Harmony's own messages have it.
func (k Key) String() string { return k.Kind + "/" + k.Name }

// An Object is one as it stood when it was looked at.
type Object struct {
	Kind Kind
	metav1.ObjectMeta

	raw    []byte
	fields map[string]any
}

func decode(kind Kind, raw []byte) (*Object, error) {
	var o metav1.PartialObjectMetadata
	fields := map[string]any{}
	err := json.Unmarshal(raw, &o)
	if err == nil {
		err = json.Unmarshal(raw, &fields)
	}
	if err != nil {
		return nil, fmt.Errorf("read a %s: %w", kind.Kind, err)
	}
	return &Object{Kind: kind, ObjectMeta: o.ObjectMeta, raw: raw, fields: fields}, nil
}

// Key names the object.
func (o *Object) Key() Key { return Key{o.Kind.Group, o.Kind.Kind, o.Namespace, o.Name} }

// Data gives a key of the object's data, the first in order; false when it has none, as most kinds.
func (o *Object) Data() (key string, has bool) {
	data, _ := o.fields["data"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(data)) {
		return key, true
	}
	return "", false
}

// RunsAs is the ServiceAccount of a Pod.
func (o *Object) RunsAs() Key {
	spec, _ := o.fields["spec"].(map[string]any)
	name, _ := spec["serviceAccountName"].(string)
	return Key{Kind: "ServiceAccount", Namespace: o.Namespace, Name: name}
}

// Mentions tells whether the object names the namespace anywhere: so can objects that are in no namespace be
// told to belong to one, be it a volume by its claim or an address by its Service.
func (o *Object) Mentions(namespace string) bool {
	for rest := o.raw; ; {
		at := bytes.Index(rest, []byte(namespace))
		if at < 0 {
			return false
		}
		end := at + len(namespace)
		if (at == 0 || !partOfName(rest[at-1])) && (end == len(rest) || !partOfName(rest[end])) {
			return true
		}
		rest = rest[end:]
	}
}

func partOfName(c byte) bool {
	return c == '-' || c == '.' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
}

// Written lists the fields in which two readings of what has the same name differ, at most three names deep and
// never their values; empty when nobody wrote in between. A status does not count: whoever watches the object
// writes it, whenever he likes. Nor does what the holder of a Lease says in it. The other writes of a controller do.
func Written(before, after *Object) (paths []string) {
	compare("", decided(before), decided(after), &paths)
	return paths
}

// decided are the fields that somebody decides.
func decided(o *Object) map[string]any {
	fields := maps.Clone(o.fields)
	skipped, unasked := []string{"status", "apiVersion", "kind"}, ofSubresource // a list does not repeat its kind
	if o.Kind.Kind == "Lease" {
		skipped, unasked = append(skipped, "spec"), ofHolder
	}
	for _, name := range skipped {
		delete(fields, name)
	}
	if meta, ok := fields["metadata"].(map[string]any); ok {
		meta = maps.Clone(meta)
		delete(meta, "resourceVersion") // it counts a status, too
		if entries, ok := meta["managedFields"].([]any); ok {
			meta["managedFields"] = slices.DeleteFunc(slices.Clone(entries), unasked)
		}
		fields["metadata"] = meta
	}
	return fields
}

func ofSubresource(entry any) bool {
	fields, _ := entry.(map[string]any)
	return fields["subresource"] != nil
}

// ofHolder tells whether an entry is of someone who wrote the spec, and with it when that was.
func ofHolder(entry any) bool {
	fields, _ := entry.(map[string]any)
	written, _ := fields["fieldsV1"].(map[string]any)
	return written["f:spec"] != nil
}

func compare(path string, before, after any, paths *[]string) {
	const deepest = 2
	b, isMap := before.(map[string]any)
	a, areMaps := after.(map[string]any)
	if !isMap || !areMaps || strings.Count(path, ".") >= deepest {
		if !same(before, after) {
			*paths = append(*paths, path)
		}
		return
	}
	names := maps.Clone(b)
	maps.Copy(names, a)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		compare(strings.TrimPrefix(path+"."+name, "."), b[name], a[name], paths)
	}
}

// same compares what JSON made: it always encodes, with its keys in order.
func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

// PartOf tells whether the object is part of one of these, as its owner references say.
func (o *Object) PartOf(owners map[types.UID]bool) bool {
	return slices.ContainsFunc(o.OwnerReferences, func(r metav1.OwnerReference) bool { return owners[r.UID] })
}
