// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

func object(t *testing.T, text string) *Object {
	t.Helper()
	o, err := decode(Maps, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAnObjectMentionsANamespaceByItsWholeName(t *testing.T) {
	for text, want := range map[string]bool{
		`{"metadata":{"name":"web"}}`:                                                true,
		`{"metadata":{"annotations":{"inventory":"web/db"}}}`:                        true,
		`{"spec":{"claim":{"namespace":"web"}},"metadata":{"name":"webs"}}`:          true,
		`{"metadata":{"name":"web-2"},"spec":{"image":"a/theweb:1","host":"web.x"}}`: false,
		`{}`: false,
	} {
		if got := object(t, text).Mentions("web"); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestAWriteIsSeenAndAStatusIsNone(t *testing.T) {
	before := `{"kind":"ConfigMap","metadata":{"name":"a","resourceVersion":"1","labels":{"x":"1"},"managedFields":[{"manager":"h"}]},"data":{"k":"v"},"status":{"n":1}}`
	for after, want := range map[string][]string{
		`{"metadata":{"name":"a","resourceVersion":"2","labels":{"x":"1"},"managedFields":[{"manager":"h"},{"manager":"c","subresource":"status"}]},"data":{"k":"v"},"status":{"n":2}}`: nil,
		`{"metadata":{"name":"a","labels":{"x":"2"},"managedFields":[{"manager":"h"}]},"data":{"k":"w","l":"x"}}`:                                                                       {"data.k", "data.l", "metadata.labels.x"},
		`{"metadata":{"name":"a","labels":{"x":"1"},"managedFields":[{"manager":"h"},{"manager":"c"}]},"data":{"k":"v"}}`:                                                               {"metadata.managedFields"},
	} {
		if diff := cmp.Diff(want, Written(object(t, before), object(t, after))); diff != "" {
			t.Errorf("%s\n%s", after, diff)
		}
	}
}

func TestWhatTheHolderOfALeaseSaysIsNoWrite(t *testing.T) {
	lease := func(text string) *Object {
		o, err := decode(Kind{GroupVersionKind: schema.GroupVersionKind{Kind: "Lease"}}, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	before := lease(`{"metadata":{"labels":{"x":"1"},"managedFields":[{"manager":"h","fieldsV1":{"f:metadata":{}}}]},"spec":{"holderIdentity":"a"}}`)
	for after, want := range map[string][]string{
		`{"metadata":{"labels":{"x":"1"},"managedFields":[{"manager":"h","fieldsV1":{"f:metadata":{}}},{"manager":"o","fieldsV1":{"f:spec":{}}}]},"spec":{"holderIdentity":"b"}}`: nil,
		`{"metadata":{"labels":{"x":"2"},"managedFields":[{"manager":"h","fieldsV1":{"f:metadata":{}}},{"manager":"s","fieldsV1":{"f:metadata":{}}}]}}`:                           {"metadata.labels.x", "metadata.managedFields"},
	} {
		if diff := cmp.Diff(want, Written(before, lease(after))); diff != "" {
			t.Errorf("%s\n%s", after, diff)
		}
	}
}

func TestDataIsTheFirstKeyInOrder(t *testing.T) {
	if key, has := object(t, `{"data":{"b":"1","a":"2"}}`).Data(); key != "a" || !has {
		t.Errorf("got %q", key)
	}
	if key, has := object(t, `{"spec":{}}`).Data(); has {
		t.Errorf("got %q", key)
	}
}

func TestAnObjectIsPartOfItsOwners(t *testing.T) {
	o := object(t, `{"metadata":{"ownerReferences":[{"uid":"1"}]}}`)
	if !o.PartOf(map[types.UID]bool{"1": true}) || o.PartOf(map[types.UID]bool{"2": true}) {
		t.Errorf("got %v", o.OwnerReferences)
	}
}
