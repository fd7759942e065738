// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"
	"testing"

	"nationtech.io/harmony"
)

func drawn(verb string, r harmony.Result) string {
	var text strings.Builder
	r.Path = []string{"nats"}
	tree(&text, look{}, harmony.Report{Verb: verb, Placements: []harmony.Result{r}})
	return text.String()
}

func TestAPlanThatIsNotKnownToTheEndPromisesNothing(t *testing.T) {
	for _, verb := range []string{"plan", "drift"} {
		text := drawn(verb, harmony.Result{Standing: harmony.Failed})
		if strings.Contains(text, "nothing to change") || strings.Contains(text, "no drift") || !strings.Contains(text, "1 not known to the end") {
			t.Errorf("%s says\n%s", verb, text)
		}
	}
}

func TestATreeShowsWhatIsLeftOutAndWhatIsNotSure(t *testing.T) {
	text := drawn("plan", harmony.Result{Standing: harmony.Done, Planned: []harmony.Planned{
		{Intent: harmony.Keep, Object: "Service/a", Unsaid: 2},
		{Intent: harmony.Create, Object: "Pod/b", Unsure: "whether it is taken: exceeded quota"},
		{Intent: harmony.Replace, Object: "Job/c", Detail: "spec.template: field is immutable", Loses: "its Pods",
			Fields: []harmony.Field{{Path: "spec.x", Before: "1", After: nil}, {Path: "data.p", Hidden: true}}},
	}, Later: []string{"what Service/a answers"}})
	for _, want := range []string{
		"=   1 as wanted, besides 2 fields that defaulting and webhooks decide", "+   Pod/b", "known after apply, of 1 of these: whether it is taken: exceeded quota",
		"-/+ Job/c  (spec.template: field is immutable)", `spec.x: "1" → (none)`, "data.p: (secret)", "with it goes: its Pods",
		"known after apply: what Service/a answers", "1 to create, 1 to replace, 1 as wanted, 1 known after apply",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
}
