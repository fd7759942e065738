// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package diag_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony/diag"
)

var errRefused = errors.New("connection refused")

func example() *diag.Diagnostic {
	d := diag.New(diag.NobodyAnswered, "server", "nats", "StatefulSet/fleet-nats").
		Saw("asked 3 times, no reply").Note("seen for 21 s; it did not heal").
		Try("look at its log:", "localkube kubectl logs fleet-nats-0").Because(errRefused)
	d.Evidence = append(d.Evidence, diag.Evidence{At: time.Date(2026, 11, 23, 12, 4, 7, 0, time.UTC), Text: "first line\nsecond line"})
	return d
}

func TestTheTextReadsLikeRustc(t *testing.T) {
	var b strings.Builder
	if err := (diag.Style{Program: "harmony-fleet-deploy"}).Write(&b, example()); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/example.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestColourAndUTF8AreChoices(t *testing.T) {
	var plain, colour strings.Builder
	if err := (diag.Style{ASCII: true}).Write(&plain, example()); err != nil {
		t.Fatal(err)
	}
	if err := (diag.Style{Color: true}).Write(&colour, example()); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsFunc(plain.String(), func(r rune) bool { return r > 126 }) || strings.Contains(plain.String(), "\x1b") {
		t.Errorf("not plain ASCII:\n%s", plain.String())
	}
	if !strings.Contains(colour.String(), "\x1b[1;31merror[HRM0502]\x1b[0m") {
		t.Errorf("no colour in\n%q", colour.String())
	}
}

func TestTheJSONFormHasAllThatTheTextHas(t *testing.T) {
	b, err := json.Marshal(example())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"HRM0502", diag.NobodyAnswered.Summary(), "fleet-nats", "asked 3 times", "2026-11-23T12:04:07Z", "did not heal", "kubectl logs", "connection refused"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%q is missing in %s", want, b)
		}
	}
}

func TestAllFindsEveryDiagnosticSortedByPath(t *testing.T) {
	b, a := diag.New(diag.NotReady, "b"), diag.New(diag.Forbidden, "a")
	found := diag.All(errors.Join(fmt.Errorf("while deploying: %w", b), a, errRefused))
	var got []diag.Code
	for _, d := range found {
		got = append(got, d.Code)
	}
	if diff := cmp.Diff([]diag.Code{diag.Unexplained, diag.Forbidden, diag.NotReady}, got); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(found[0], errRefused) {
		t.Errorf("the error without a diagnosis was swallowed: %v", found[0])
	}
}

func TestNothingIsSaidTwice(t *testing.T) {
	for name, d := range map[string]*diag.Diagnostic{
		"the cause has the evidence": diag.New(diag.NotReady).Saw("connection refused").Because(fmt.Errorf("dial: %w", errRefused)),
		"the evidence has the cause": diag.New(diag.NotReady).Saw("dial: connection refused").Because(errRefused),
		"they are the same":          diag.New(diag.NotReady).Saw("connection refused").Because(errRefused),
	} {
		var b strings.Builder
		if err := (diag.Style{}).Write(&b, d); err != nil {
			t.Fatal(err)
		}
		if strings.Count(b.String(), "connection refused") != 1 {
			t.Errorf("%s:\n%s", name, b.String())
		}
	}
}

func TestATimeLimitIsToldFromAnInterrupt(t *testing.T) {
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if got := diag.Ended(late).Code; got != diag.LimitReached {
		t.Errorf("a deadline is %s", got)
	}
	if got := diag.Ended(stopped).Code; got != diag.Interrupted {
		t.Errorf("an interrupt is %s", got)
	}
}

func TestUnderPlacesWithoutTouchingTheOriginal(t *testing.T) {
	d := diag.New(diag.NotReady, "Pod/x")
	if got := d.Under("all", "nats").Path; !cmp.Equal(got, []string{"all", "nats", "Pod/x"}) || len(d.Path) != 1 {
		t.Errorf("got %v, original %v", got, d.Path)
	}
}
