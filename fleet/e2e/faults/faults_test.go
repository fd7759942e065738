// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/scoretest"
)

// sample are the faults that every test run tries; "make faults" tries all.
var sample = map[string]bool{"kind-missing": true, "pod-security": true, "image-name": true, "smoke-refused": true, "secret-appears": true, "other-cluster": true}

func TestASampleOfTheMatrixIsDiagnosed(t *testing.T) {
	t.Parallel()
	stage := Stage{Place: scoretest.Local(t), Localkube: needs.Localkube(t)}
	tried := 0
	for _, f := range All() {
		if !sample[f.Name] {
			continue
		}
		tried++
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			if v := f.Try(context.WithoutCancel(t.Context()), stage); v.Problem != nil {
				t.Errorf("%s: %v\n%s", v.Line(), v.Problem, v.Text)
			}
		})
	}
	if tried != len(sample) {
		t.Errorf("%d of %d are in the matrix", tried, len(sample))
	}
}

func TestTheMatrixIsAsLargeAsIsSaid(t *testing.T) {
	names, codes, heals := map[string]bool{}, map[diag.Code]bool{}, 0
	for _, f := range All() {
		if names[f.Name] {
			t.Errorf("%s is there twice", f.Name)
		}
		names[f.Name] = true
		switch {
		case f.Heals():
			heals++
		case f.Cause == nil:
			t.Errorf("%s has no expression for its cause", f.Name)
		default:
			codes[f.Code] = true
		}
	}
	if !codes[diag.KindMissing] {
		t.Error("nobody asks for a kind that is missing, which the sample tries")
	}
	if len(names)-heals < 25 || len(codes) < 20 || heals < 8 {
		t.Errorf("%d faults with %d codes, and %d that heal", len(names)-heals, len(codes), heals)
	}
}

func TestADiagnosisThatIsWrongFails(t *testing.T) {
	f := Fault{Name: "x", Code: diag.CrashLoop, Path: "Pod/a", Cause: says("exit code 3")}
	right := func() *diag.Diagnostic { return diag.New(diag.CrashLoop, "Pod/a").Saw("exit code 3") }
	for name, c := range map[string]struct {
		all  []*diag.Diagnostic
		text string
		good bool
	}{
		"as it must be": {[]*diag.Diagnostic{right()}, "exit code 3", true},
		"two errors":    {[]*diag.Diagnostic{right(), right()}, "exit code 3", false},
		"another code":  {[]*diag.Diagnostic{diag.New(diag.OutOfMemory, "Pod/a").Saw("exit code 3")}, "exit code 3", false},
		"another path":  {[]*diag.Diagnostic{diag.New(diag.CrashLoop, "Pod/b").Saw("exit code 3")}, "exit code 3", false},
		"no cause":      {[]*diag.Diagnostic{right()}, "it is not ready", false},
		"it ended well": {nil, "", false},
		"told too late": {[]*diag.Diagnostic{right()}, "exit code 3: seen for 1 min 3 s, and it counts after 40 s", false},
		"told in time":  {[]*diag.Diagnostic{right()}, "exit code 3: seen for 41.5 s, and it counts after 40 s", true},
	} {
		if got := f.problem(c.all, c.text); (got == nil) != c.good {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := span("1 min 3 s"); got != 63*time.Second {
		t.Errorf("read %s", got)
	}
	if (Fault{}).problem([]*diag.Diagnostic{right()}, "") == nil {
		t.Error("a false alarm passes")
	}
}
