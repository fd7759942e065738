// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

func recorded(names ...string) *record {
	r := &record{Format: inventoryFormat, Since: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	for _, name := range names {
		e := entryOf(coreReference("ConfigMap", "demo", name))
		e.UID, e.Digest = "uid-of-"+metav1.ObjectMeta{Name: name}.UID, "d"
		r.Objects = append(r.Objects, e)
	}
	return r
}

func TestAnInventoryIsReadAsItWasWritten(t *testing.T) {
	r := recorded("one", "two")
	r.hasData(entryOf(coreReference("Secret", "demo", "credentials")))
	got, err := decodeRecord(r.encode(component))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, got, cmpopts.IgnoreUnexported(record{})); diff != "" || !r.same(got) {
		t.Error(diff)
	}
}

func TestWhatIsNoInventoryIsNotTakenForOne(t *testing.T) {
	foreign := recorded().encode(component)
	foreign.Labels = nil
	newer := recorded()
	newer.Format = 9
	broken := recorded().encode(component)
	broken.Data[inventoryKey] = "{"
	for name, c := range map[string]struct {
		cm   *corev1.ConfigMap
		want diag.Code
	}{
		"a ConfigMap of someone else": {foreign, diag.NotOurs}, "a format of the future": {newer.encode(component), diag.ObjectRefused}, "broken": {broken, diag.ObjectRefused},
	} {
		_, err := decodeRecord(c.cm)
		if all := diag.All(err); len(all) != 1 || all[0].Code != c.want {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAClaimListsEverythingBeforeItIsMade(t *testing.T) {
	r := recorded("one", "two")
	claimed := r.claim(wanted(t, config("two"), config("three")))
	var got []string
	for _, e := range claimed.Objects {
		got = append(got, e.Name)
	}
	if diff := cmp.Diff([]string{"one", "two", "three"}, got); diff != "" {
		t.Error(diff)
	}
	if claimed.Objects[1].Digest != "d" || claimed.Objects[2].Digest != "" || len(r.Objects) != 2 {
		t.Errorf("got %+v", claimed.Objects)
	}
}

func config(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"a": "1"}}
}

func TestSurplusIsWhatIsRecordedAndNotWanted(t *testing.T) {
	s := &survey{record: recorded("one", "two", "three")}
	for _, it := range wanted(t, config("two")) {
		s.findings = append(s.findings, finding{item: it})
	}
	var got []string
	for _, e := range s.surplus() {
		got = append(got, e.Name)
	}
	if diff := cmp.Diff([]string{"one", "three"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsToBeDone(t *testing.T) {
	it := wanted(t, config("one"))[0]
	live := func(change func(*unstructured.Unstructured)) *unstructured.Unstructured {
		u := it.object.DeepCopy()
		u.SetUID("uid")
		if change != nil {
			change(u)
		}
		return u
	}
	edited := live(func(u *unstructured.Unstructured) { u.Object["data"] = map[string]any{"a": "2"} })
	foreign := live(func(u *unstructured.Unstructured) { u.SetAnnotations(nil) })
	for name, c := range map[string]struct {
		live   *unstructured.Unstructured
		entry  *entry
		want   harmony.Action
		detail string
		code   diag.Code
	}{
		"never seen":                         {want: harmony.Created},
		"recorded, but never made":           {entry: &entry{}, want: harmony.Created},
		"made, and gone":                     {entry: &entry{UID: "uid", Digest: it.digest}, want: harmony.Repaired, detail: "it had been deleted"},
		"as it should be":                    {live: live(nil), entry: &entry{UID: "uid", Digest: it.digest}},
		"other than we want now":             {live: edited, entry: &entry{UID: "uid", Digest: "older"}, want: harmony.Updated, detail: "data.a"},
		"other than we made it":              {live: edited, entry: &entry{UID: "uid", Digest: it.digest}, want: harmony.Repaired, detail: "someone had changed data.a"},
		"made by a run that was interrupted": {live: live(nil), entry: &entry{}},
		"of someone else":                    {live: foreign, code: diag.NotOurs},
		"of someone else who replaced it":    {live: foreign, entry: &entry{UID: "another"}, code: diag.NotOurs},
		"ours, with its marks taken off":     {live: foreign, entry: &entry{UID: "uid", Digest: it.digest}, want: harmony.Repaired, detail: "someone had changed metadata.annotations"},
	} {
		t.Run(name, func(t *testing.T) {
			f := finding{item: it, live: c.live, after: live(nil)}
			entries := map[reference]entry{}
			if c.entry != nil {
				entries[it.key()] = *c.entry
			}
			err := (&Client{}).judge(t.Context(), component, entries, &f, nil)
			var codes []diag.Code
			for _, d := range diag.All(err) {
				codes = append(codes, d.Code)
			}
			if f.action != c.want || f.detail != c.detail || c.code != "" && (len(codes) != 1 || codes[0] != c.code) || c.code == "" && err != nil {
				t.Errorf("got %q %q, %v", f.action, f.detail, err)
			}
		})
	}
}
