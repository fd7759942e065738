// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/topology/local"
)

var hello = image.Image{Name: "hello", Package: "nationtech.io/harmony/cmd/hello"}

// cluster is a place whose nodes list what is in the file list; loads are noted in the file loads.
func cluster(t *testing.T, list string) *local.Topology {
	t.Helper()
	checkout(t)
	write(t, "cmd/hello/main.go", "package main\n\nfunc main() {}\n")
	write(t, "list", list)
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	says(t, `case "$1 $2" in
up*) `+ready(t)+`;;
"image list") cat `+filepath.Join(dir, "list")+`;;
"image load") tar tf "$3" >>`+filepath.Join(dir, "loads")+` && echo '{"event":"loaded","nodes":{}}';;
esac`)
	topology, err := local.Open(t.Context(), local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(topology.Close)
	return topology
}

func TestAnImageIsLoadedUnlessEveryNodeHasIt(t *testing.T) {
	cluster(t, "")
	built, err := (&image.Builder{}).Build(t.Context(), hello, image.Platform{Arch: runtime.GOARCH})
	if err != nil {
		t.Fatal(err)
	}
	name := "harmony.local/hello:sha256-" + built.Digest.Hex[:12]
	has := `[{"name":"` + name + `","digest":"` + built.Digest.String() + `"}]`
	other := `[{"name":"` + name + `","digest":"sha256:` + strings.Repeat("0", 64) + `"}]`
	for _, c := range []struct {
		name, nodes string
		loads       bool
	}{
		{"the node has it", `{"a":` + has + `}`, false},
		{"all nodes have it", `{"a":` + has + `,"b":` + has + `}`, false},
		{"one node lacks it", `{"a":` + has + `,"b":[]}`, true},
		{"the node has another of that name", `{"a":` + other + `}`, true},
		{"no node tells", `{}`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			topology := cluster(t, `{"event":"images","nodes":`+c.nodes+`}`)
			got, err := topology.Images().Provide(t.Context(), hello)
			if err != nil || got != name {
				t.Fatalf("got %q, want %q (%v)", got, name, err)
			}
			archive, _ := os.ReadFile("loads")
			if loads := strings.Contains(string(archive), "index.json"); loads != c.loads {
				t.Errorf("loaded: %v, want %v", loads, c.loads)
			}
		})
	}
}

func TestAnImageThatDoesNotReachTheNodesIsExplained(t *testing.T) {
	for _, c := range []struct{ name, list, says string }{
		{"the cluster is gone", `{"event":"error","kind":"absent","message":"there is no cluster \"harmony\""}`, "there is no cluster"},
		{"it answers in riddles", `what`, "what"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := cluster(t, c.list).Images().Provide(t.Context(), hello)
			var d *diag.Diagnostic
			if !errors.As(err, &d) || d.Code != diag.ImageNotDelivered || len(d.Help) == 0 {
				t.Fatalf("got %v, want %s with help", err, diag.ImageNotDelivered)
			}
			if text, err := d.MarshalJSON(); err != nil || !strings.Contains(string(text), c.says) {
				t.Errorf("%q is not in %s (%v)", c.says, text, err)
			}
		})
	}
}
