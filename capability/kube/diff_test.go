// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestWhatOnlyDefaultingAndWebhooksDecideIsCountedAndNoReasonToApply(t *testing.T) {
	object := func(containers ...any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"containers": containers}}}
	}
	main := func(fields map[string]any) map[string]any {
		fields["name"] = "main"
		return fields
	}
	live := object(main(map[string]any{"image": "a", "stamp": "1", "old": "x"}))
	live.SetManagedFields([]metav1.ManagedFieldsEntry{managed(
		`{"f:spec":{"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:name":{},"f:image":{},"f:old":{}}}}}`)})
	f := finding{item: item{object: object(main(map[string]any{"image": "a"}))}, live: live}
	for name, c := range map[string]struct {
		after  *unstructured.Unstructured
		ours   []string
		others int
	}{
		"a webhook's stamp":          {object(main(map[string]any{"image": "a", "stamp": "2", "old": "x"})), nil, 1},
		"a container that it adds":   {object(main(map[string]any{"image": "a", "stamp": "1", "old": "x"}), map[string]any{"name": "side"}), nil, 1},
		"what we want":               {object(main(map[string]any{"image": "b", "stamp": "2", "old": "x"})), []string{"spec.containers[main].image"}, 1},
		"what we want no more":       {object(main(map[string]any{"image": "a", "stamp": "1"})), []string{"spec.containers[main].old"}, 0},
		"that, and it has a default": {object(main(map[string]any{"image": "a", "stamp": "1", "old": "default"})), []string{"spec.containers[main].old"}, 0},
	} {
		ours, others := decided(f.differences(c.after))
		if diff := cmp.Diff(c.ours, paths(ours)); diff != "" || others != c.others {
			t.Errorf("%s: %d others, %s", name, others, diff)
		}
	}
}

// managed is what Harmony has applied, as the API server notes it.
func managed(fields string) metav1.ManagedFieldsEntry {
	return metav1.ManagedFieldsEntry{
		Manager: manager, Operation: metav1.ManagedFieldsOperationApply, FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(fields),
	}
}

func TestAFieldIsHeldByItselfOrWithWhatItIsPartOf(t *testing.T) {
	set := written(managed(`{"f:spec":{"f:selector":{},"f:args":{},"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}}},
		"f:metadata":{"f:labels":{".":{},"f:a.b/c":{}}}}`))
	for field, want := range map[string]bool{
		"spec.selector": true, "spec.selector.app": true, "spec.args": true, "spec.ports": true, "spec.ports[80]": true, "spec.ports[80].port": true,
		"spec.ports[main].port": true, "spec.ports[80].nodePort": false, "spec.ports[main].nodePort": false, "spec.ports[81]": false, "spec.replicas": false, "status": false,
		"metadata.labels[a.b/c]": true, "metadata.labels.other": false,
	} {
		if got := holds(set, steps(field)); got != want {
			t.Errorf("%s: %t", field, got)
		}
	}
}

func TestElementsAreToldApartByTheirKeys(t *testing.T) {
	list := func(key string, values ...any) map[string]any {
		var all []any
		for _, v := range values {
			all = append(all, map[string]any{key: v, "x": "1"})
		}
		return map[string]any{"list": all}
	}
	for key, want := range map[string]string{"name": "list[b]", "mountPath": "list[b]", "port": "list[b]", "nothing": "list"} {
		found := differences(&unstructured.Unstructured{Object: list(key, "a")}, &unstructured.Unstructured{Object: list(key, "a", "b")}, &unstructured.Unstructured{Object: list(key, "a", "b")})
		if diff := cmp.Diff([]string{want}, paths(found)); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	claims := func(size string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"claims": []any{map[string]any{"metadata": map[string]any{"name": "data"}, "size": size}}}}
	}
	if diff := cmp.Diff([]string{"claims[data].size"}, paths(differences(claims("1"), claims("2"), claims("2")))); diff != "" {
		t.Error(diff)
	}
}

func TestAnotherOrderIsSeenBesideOtherDifferences(t *testing.T) {
	list := func(elements ...any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"list": elements}}
	}
	a, b := map[string]any{"name": "a"}, map[string]any{"name": "b"}
	stamped := map[string]any{"name": "a", "stamp": "1"}
	found := differences(list(a, b), list(b, stamped), list(b, a))
	if ours, _ := decided(found); len(ours) != 1 || ours[0].path != "list" {
		t.Errorf("got %+v", found)
	}
}
