// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony_test

import (
	"os/exec"
	"strings"
	"testing"
)

func TestAScoreOnAPlaceThatLacksACapabilityDoesNotCompile(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", t.TempDir(), "./testdata/compilefail").CombinedOutput()
	if err == nil {
		t.Fatal("it compiles")
	}
	for _, want := range []string{"*Topology does not implement MachinePlace", "missing method Machines"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the compiler does not say %q:\n%s", want, out)
		}
	}
}
