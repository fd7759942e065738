// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

var _ Witness = bench{}

// Evidence has the namespace that it was asked for.
func (bench) Evidence(_ context.Context, namespace string, write func(string, []byte) error) error {
	return write("logs/x.log", []byte("the log of "+namespace))
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

func TestABundleHasAllThatIsKnownOfAFailure(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bundle")
	p := piece{name: "x", make: func(context.Context) (harmony.Outcome, error) {
		return harmony.Outcome{}, diag.New(diag.NotReady, "Deployment/x").Saw("it is not there")
	}}
	code, out := run(p, "x", "--topology", "bench", "--bundle", dir)
	if code != ExitFailed || !strings.Contains(out, "the evidence is in "+dir) {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if got := read(t, dir, "x", "logs", "x.log"); got != "the log of tests" {
		t.Errorf("the place's own evidence: %q", got)
	}
	if got := read(t, dir, "errors.txt"); !strings.HasPrefix(got, "error[HRM0304]") || !strings.Contains(got, "it is not there") {
		t.Errorf("got %s", got)
	}
	var report struct {
		Verb   string
		Target string
		Errors []struct{ Code diag.Code }
	}
	if err := json.Unmarshal([]byte(read(t, dir, "report.json")), &report); err != nil || report.Verb != "deploy" || report.Target != "of this test" || len(report.Errors) != 1 || report.Errors[0].Code != diag.NotReady {
		t.Errorf("%v: %+v", err, report)
	}
	var kinds []string
	for line := range strings.Lines(read(t, dir, "events.jsonl")) {
		var e struct{ Kind string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, e.Kind)
	}
	at := func(kind string) int { return slices.Index(kinds, kind) }
	if at("run-started") < 0 || at("progress") < at("step-started") || at("placement-ended") < at("progress") || kinds[len(kinds)-1] != "run-ended" {
		t.Errorf("the evidence is not taken at the moment of the failure: %v", kinds)
	}
	info, err := os.Stat(filepath.Join(dir, "x", "logs"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info, err)
	}
}

func TestABundleIsNotMixedWithWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := run(piece{name: "x"}, "x", "--topology", "bench", "--bundle", dir); code != ExitUsage || !strings.Contains(out, "is not empty") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

func TestABundleOfARunThatWentWellHasNoErrors(t *testing.T) {
	dir := t.TempDir()
	code, out := run(piece{name: "x"}, "x", "--topology", "bench", "--bundle", dir)
	_, err := os.Stat(filepath.Join(dir, "errors.txt"))
	if code != ExitDone || !os.IsNotExist(err) || read(t, dir, "report.json") == "" {
		t.Errorf("exit code %d, %v\n%s", code, err, out)
	}
}
