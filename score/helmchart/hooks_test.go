// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart_test

import (
	"slices"
	"strings"
	"testing"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/score/helmchart"
	"nationtech.io/harmony/secret"
)

func hooked(more map[string]any) helmchart.Score {
	more["hooks"] = true
	s := example(more)
	s.Hooks = helmchart.RunHooks
	s.LeaveOut = []string{"Job/web-cleanup"}
	return s
}

func TestHooksAreRefusedByNameUnlessTheyAreAskedFor(t *testing.T) {
	s := hooked(map[string]any{})
	s.Hooks = helmchart.RefuseHooks
	d := refused(t, s)
	if d.Code != diag.HooksNotRun {
		t.Fatal(d)
	}
	for _, want := range []string{"Job/web-second is a hook of pre-install, pre-upgrade", "ConfigMap/web-first", "Job/web-last"} {
		if !strings.Contains(evidence(d), want) {
			t.Errorf("%q is not said:\n%s", want, evidence(d))
		}
	}
}

func TestAHookThatCannotBeRunIsRefusedAlsoWhenOthersAre(t *testing.T) {
	s := hooked(map[string]any{})
	s.LeaveOut = nil
	if d := refused(t, s); d.Code != diag.HooksNotRun || len(d.Evidence) != 1 || !strings.Contains(evidence(d), "Job/web-cleanup is a hook of post-delete") {
		t.Errorf("got %s\n%s", d.Code, evidence(d))
	}
	for why, text := range map[string]string{
		"upgrade alone":         "kind: Job\nmetadata: {name: a, annotations: {helm.sh/hook: pre-upgrade}}\n",
		"before and after":      "kind: Job\nmetadata: {name: a, annotations: {helm.sh/hook: \"pre-install,post-install\"}}\n",
		"a Pod":                 "kind: Pod\nmetadata: {name: a, annotations: {helm.sh/hook: pre-install}}\n",
		"knows no pre-rollback": "kind: Job\nmetadata: {name: a, annotations: {helm.sh/hook: pre-rollback}}\n",
		"knows no crd-install":  "kind: Job\nmetadata: {name: a, annotations: {helm.sh/hook: crd-install}}\n",
	} {
		s := small(t, map[string]string{"templates/hook.yaml": "apiVersion: batch/v1\n" + text})
		s.Hooks = helmchart.RunHooks
		if d := refused(t, s); d.Code != diag.HooksNotRun {
			t.Errorf("%s: got %v", why, d)
		}
	}
}

func TestHooksComeInTheOrderOfTheirWeightsAroundTheOthers(t *testing.T) {
	var names []string
	for _, o := range good(t, hooked(map[string]any{})) {
		if name := o.String(); slices.Contains([]string{"ConfigMap/web-first", "Job/web-second", "Deployment/web", "Job/web-last"}, name) {
			names = append(names, name)
		}
	}
	if want := []string{"ConfigMap/web-first", "Job/web-second", "Deployment/web", "Job/web-last"}; !slices.Equal(names, want) {
		t.Errorf("the order is %v, want %v", names, want)
	}
}

func TestAJobOfAnUpgradeIsAnotherOneWhenAnythingChanged(t *testing.T) {
	of := func(text string) kube.Exported {
		return *named(good(t, hooked(map[string]any{"text": text})), "Job/web-second")
	}
	mark := func(o kube.Exported) any {
		return field(t, &o, "spec", "template", "metadata", "annotations", "harmony.nationtech.io/chart")
	}
	a, again, b := of("a"), of("a"), of("b")
	if mark(a) == nil || mark(a) != mark(again) || mark(a) == mark(b) {
		t.Errorf("the marks are %v, %v and %v", mark(a), mark(again), mark(b))
	}
	if ttl := field(t, &a, "spec", "ttlSecondsAfterFinished"); ttl != nil {
		t.Error("it goes away by itself, and would run again with the next deploy")
	}
}

func TestNoValueOfASecretIsInTheMarkOfAJob(t *testing.T) {
	of := func(text string) kube.Exported {
		s := small(t, stored(t, "hook-secret"))
		s.Values = map[string]any{"password": text}
		s.Hooks = helmchart.RunHooks
		return *named(good(t, s), "Job/j")
	}
	one, other := of("one"), of("other")
	path := []string{"spec", "template", "metadata", "annotations", "harmony.nationtech.io/chart"}
	if got := field(t, &one, path...); got == nil || got != field(t, &other, path...) {
		t.Errorf("got %v and %v", got, field(t, &other, path...))
	}
}

func TestATestOfTheChartIsLeftOut(t *testing.T) {
	if o := named(good(t, example(map[string]any{"test": true})), "Pod/web-test"); o != nil {
		t.Errorf("got %v", o)
	}
}

func TestWhatIsLeftOutMustBeThere(t *testing.T) {
	s := example(map[string]any{})
	s.LeaveOut = []string{"Job/web-cleanup"}
	if d := refused(t, s); d.Code != diag.BadPlacement || !strings.Contains(evidence(d), "Job/web-cleanup") {
		t.Errorf("got %v", d)
	}
}

// heard keeps the notices of a run.
type heard []string

func (h *heard) Emit(r event.Record) {
	if n, is := r.Event.(event.Notice); is {
		*h = append(*h, n.Text)
	}
}

func TestTheNotesOfTheChartAreToldAndSoIsATestThatIsLeftOut(t *testing.T) {
	var told heard
	on := paper{kube.NewExport(func(kube.Credential) secret.Value { return secret.Value{} })}
	if _, err := example(map[string]any{"test": true}).Interpret(event.Into(t.Context(), &told), on); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(told, "\n"); !strings.Contains(all, "web runs.") || !strings.Contains(all, "Pod/web-test") {
		t.Errorf("told: %s", all)
	}
}
