// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/topology/local"
)

// program is a localkube whose cluster stands already.
func program(t *testing.T, name string) string {
	t.Helper()
	ready := `{"event":"ready","name":"` + name + `","kubeconfig":"` + kubeconfig(t) + `"}`
	return "package main\n\nimport \"os\"\n\nfunc main() { _, _ = os.Stdout.WriteString(" + strconv.Quote(ready) + ") }\n"
}

// checkout writes a small checkout of Harmony and localkube and goes there.
func checkout(t *testing.T) {
	t.Helper()
	caches(t)
	t.Setenv(local.Override, "")
	t.Chdir(t.TempDir())
	write(t, "go.mod", "module nationtech.io/harmony\n\ngo 1.26.0\n")
	write(t, "localkube/go.mod", "module nationtech.io/harmony/localkube\n\ngo 1.26.0\n")
	write(t, "localkube/cmd/localkube/main.go", program(t, "first"))
}

func TestTheManagerOfACheckoutIsBuiltWhenItWasEdited(t *testing.T) {
	checkout(t)
	programs := map[string]string{"first": program(t, "first"), "second": program(t, "second")}
	for _, c := range []struct {
		name, program string
		builds        bool
	}{{"new", "first", true}, {"again", "first", false}, {"edited", "second", true}, {"edited back", "first", false}} {
		write(t, "localkube/cmd/localkube/main.go", programs[c.program])
		ctx, seen := progress(t.Context())
		topology, err := local.Open(ctx, local.Options{})
		if err != nil {
			t.Fatal(c.name, err)
		}
		topology.Close()
		if got := topology.Cluster().Name; got != c.program || len(seen()) > 0 != c.builds {
			t.Errorf("%s: ran %q, want %q; built: %v, want %v", c.name, got, c.program, len(seen()) > 0, c.builds)
		}
	}
}

func TestAManagerThatCannotBeBuiltIsExplained(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*testing.T)
		code  diag.Code
		says  string
	}{
		{"it does not compile", func(t *testing.T) { write(t, "localkube/cmd/localkube/main.go", "package main\n\nfunc main() { 1 }\n") }, diag.LocalNotBuilt, "main.go:3"},
		{"no Go", func(t *testing.T) { t.Setenv("PATH", "") }, diag.LocalNotBuilt, "no go command"},
		{"no sources", func(t *testing.T) { t.Chdir(t.TempDir()) }, diag.NoSources, "no checkout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkout(t)
			c.spoil(t)
			_, err := local.Open(t.Context(), local.Options{})
			var d *diag.Diagnostic
			if !errors.As(err, &d) || d.Code != c.code {
				t.Fatalf("got %v, want %s", err, c.code)
			}
			text, err := d.MarshalJSON()
			if err != nil || !strings.Contains(string(text), c.says) || !strings.Contains(string(text), "--topology kubernetes") {
				t.Errorf("%q or the alternative is not in %s (%v)", c.says, text, err)
			}
		})
	}
}
