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
	wanted := object(main(map[string]any{"image": "a"}))
	before := object(main(map[string]any{"image": "a", "stamp": "1", "old": "x"}))
	for name, c := range map[string]struct {
		after  *unstructured.Unstructured
		ours   []string
		others int
	}{
		"a webhook's stamp":               {object(main(map[string]any{"image": "a", "stamp": "2", "old": "x"})), nil, 1},
		"a container that it adds":        {object(main(map[string]any{"image": "a", "stamp": "1", "old": "x"}), map[string]any{"name": "side"}), nil, 1},
		"what we want":                    {object(main(map[string]any{"image": "b", "stamp": "2", "old": "x"})), []string{"spec.containers[main].image"}, 1},
		"what we wanted and want no more": {object(main(map[string]any{"image": "a", "stamp": "1"})), []string{"spec.containers[main].old"}, 0},
	} {
		ours, others := decided(differences(before, c.after, wanted))
		if diff := cmp.Diff(c.ours, paths(ours)); diff != "" || others != c.others {
			t.Errorf("%s: %d others, %s", name, others, diff)
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

func TestAFieldThatIsNoLongerWantedIsAppliedAlthoughItHasADefault(t *testing.T) {
	object := func(spec map[string]any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	}
	live := object(map[string]any{"strategy": "Recreate", "stamp": "1"})
	live.SetManagedFields([]metav1.ManagedFieldsEntry{{
		Manager: manager, Operation: metav1.ManagedFieldsOperationApply, FieldsType: "FieldsV1",
		FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:strategy":{}}}`),
	}})
	f := finding{item: item{object: object(map[string]any{})}, live: live}
	ours, others := decided(f.differences(object(map[string]any{"strategy": "RollingUpdate", "stamp": "2"})))
	if diff := cmp.Diff([]string{"spec.strategy"}, paths(ours)); diff != "" || others != 1 {
		t.Errorf("%d others, %s", others, diff)
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
