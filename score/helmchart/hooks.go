// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony/diag"
)

const (
	hookAnnotation   = "helm.sh/hook"
	weightAnnotation = "helm.sh/hook-weight"
	// changeAnnotation is on the Pods of Jobs that run again when anything of the component changed.
	changeAnnotation = "harmony.nationtech.io/chart"
)

// events are when Helm would run the document; none for an object that is no hook.
func (d document) events() (events []string) {
	for _, e := range strings.Split(d.object.GetAnnotations()[hookAnnotation], ",") {
		if e = strings.ToLower(strings.TrimSpace(e)); e != "" {
			events = append(events, e)
		}
	}
	return events
}

// tests tells whether it is a test, which only helm test runs.
func (d document) tests() bool {
	events := d.events()
	return len(events) > 0 && !slices.ContainsFunc(events, func(e string) bool { return e != "test" && e != "test-success" && e != "test-failure" })
}

// runsAgain tells whether it is a Job of each upgrade.
func (d document) runsAgain() bool {
	events := d.events()
	return d.object.GetKind() == "Job" && (slices.Contains(events, "pre-upgrade") || slices.Contains(events, "post-upgrade"))
}

// weight is the place in the order of hooks; 0 when none is given, and for what is no number, as Helm has it.
func (d document) weight() int {
	n, _ := strconv.Atoi(d.object.GetAnnotations()[weightAnnotation])
	return n
}

// phase is when a hook is made: -1 before the other objects, 1 after them. Why it cannot be run is said; empty when it can.
func (d document) phase() (phase int, why string) {
	events := d.events()
	for _, e := range events {
		switch e {
		case "pre-install", "pre-upgrade":
			phase--
		case "post-install", "post-upgrade":
			phase++
		default:
			return 0, "Harmony knows no " + e
		}
	}
	before := slices.Contains(events, "pre-install") || slices.Contains(events, "pre-upgrade")
	after := slices.Contains(events, "post-install") || slices.Contains(events, "post-upgrade")
	switch {
	case before && after:
		return 0, "it is to run both before and after the others"
	case !slices.Contains(events, "pre-install") && !slices.Contains(events, "post-install"):
		return 0, "it is not for an installation, and Harmony knows no upgrade apart from it"
	case d.object.GetKind() == "Pod":
		return 0, "a Pod is not run to its end; a Job is"
	case before:
		return -1, ""
	}
	return 1, ""
}

// turns says for each document when it is applied.
func (s Score) turns(all []document) ([]int, error) {
	refused := diag.New(diag.HooksNotRun, s.Name(), "chart")
	type moment struct{ phase, weight int }
	moments := map[moment]bool{{}: true}
	at := make([]moment, len(all))
	for i, d := range all {
		if len(d.events()) == 0 {
			continue
		}
		phase, why := d.phase()
		if s.Hooks == RefuseHooks && why == "" {
			why = "hooks are not asked for"
		}
		if why != "" {
			refused.Saw(d.String() + " is a hook of " + strings.Join(d.events(), ", ") + ": " + why)
		}
		at[i] = moment{phase, d.weight()}
		moments[at[i]] = true
	}
	if len(refused.Evidence) > 0 {
		return nil, refused.Note("a hook that is passed over is work that the chart counts on").
			Try("let those of installation and upgrade run: Hooks: helmchart.RunHooks",
				"turn others off by a value of the chart, or leave them out knowingly: LeaveOut")
	}
	order := slices.SortedFunc(maps.Keys(moments), func(a, b moment) int {
		if a.phase != b.phase {
			return a.phase - b.phase
		}
		return a.weight - b.weight
	})
	turns := make([]int, len(all))
	for i := range all {
		turns[i] = slices.Index(order, at[i])
	}
	return turns, nil
}

// digest tells one rendering from another. Values of Secrets are not in it, because whoever may read a Job may not read them.
func digest(all []document) string {
	hash := sha256.New()
	for _, d := range all {
		content := maps.Clone(d.object.Object)
		if d.object.GetKind() == "Secret" {
			delete(content, "data")
			delete(content, "stringData")
		}
		text, _ := json.Marshal(content) // it was read from JSON
		hash.Write(text)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}

// mark makes a Job another one when anything of the component is.
func mark(job *unstructured.Unstructured, sum string) {
	at := []string{"spec", "template", "metadata", "annotations"}
	annotations, _, _ := unstructured.NestedStringMap(job.Object, at...)
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[changeAnnotation] = sum
	_ = unstructured.SetNestedStringMap(job.Object, annotations, at...) // a Job has a template, or the API server refuses it
	// A Job that is gone would run again with each deploy.
	unstructured.RemoveNestedField(job.Object, "spec", "ttlSecondsAfterFinished")
}
