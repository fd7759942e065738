// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/topology/local"
	"nationtech.io/harmony/wait"
)

// says makes a localkube out of a shell script, to see what is made of what the real one may say.
func says(t *testing.T, script string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "localkube")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv(local.Override, path)
}

// kubeconfig writes one that leads nowhere.
func kubeconfig(t *testing.T) string {
	t.Helper()
	config := api.NewConfig()
	config.Clusters["c"] = &api.Cluster{Server: "https://127.0.0.1:1"}
	config.Contexts["c"] = &api.Context{Cluster: "c"}
	config.CurrentContext = "c"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// ready is a script's line for a cluster that stands.
func ready(t *testing.T) string {
	return `echo '{"event":"ready","name":"harmony","kubeconfig":"` + kubeconfig(t) + `","gateway":"10.90.1.1","nodes":["harmony"],"already":true,"seconds":0.1}'` + "\n"
}

// progress gives a context and what was emitted into it.
func progress(ctx context.Context) (context.Context, func() []event.Progress) {
	var mu sync.Mutex
	var seen []event.Progress
	ctx = event.Into(ctx, event.SinkFunc(func(r event.Record) {
		mu.Lock()
		defer mu.Unlock()
		if p, ok := r.Event.(event.Progress); ok {
			seen = append(seen, p)
		}
	}))
	return ctx, func() []event.Progress { mu.Lock(); defer mu.Unlock(); return seen }
}

func TestOpenTellsHowFarItIsAndWhatStands(t *testing.T) {
	says(t, `echo '{"event":"progress","step":"build","message":"engine","done":12,"total":400}'
echo '{"event":"progress","step":"start","message":"starting the nodes"}'
`+ready(t))
	ctx, seen := progress(t.Context())
	topology, err := local.Open(ctx, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer topology.Close()
	want := []event.Progress{{Text: "building engine for the local Kubernetes", Done: 12, Total: 400}, {Text: "starting the nodes"}}
	if diff := cmp.Diff(want, seen()); diff != "" {
		t.Error(diff)
	}
	cluster := topology.Cluster()
	if topology.Target() != `cluster "harmony"` || cluster.Gateway != "10.90.1.1" || !cluster.Already || cluster.Took == 0 {
		t.Errorf("target %s, cluster %+v", topology.Target(), cluster)
	}
}

func TestOpenAsksForTheClusterThatWasNamed(t *testing.T) {
	asked := filepath.Join(t.TempDir(), "asked")
	says(t, "echo \"$@\" >"+asked+"\n"+ready(t))
	topology, err := local.Open(t.Context(), local.Options{Name: "big", Nodes: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer topology.Close()
	got, err := os.ReadFile(asked)
	if want := "up --nodes 3 --name big --output json\n"; err != nil || string(got) != want {
		t.Errorf("asked for %q, want %q (%v)", got, want, err)
	}
}

func TestWhatKeepsAClusterFromStartingIsExplained(t *testing.T) {
	for _, c := range []struct {
		name, script string
		code         diag.Code
		evidence     []string
		help         string
	}{
		{
			"the machine lacks something, all of which is told",
			`echo '{"event":"error","kind":"prerequisite","message":"this machine lacks 2 things","missing":[{"what":"root","why":"nodes are namespaces","help":"run it with sudo"},{"what":"veth","why":"nodes have a network","help":"modprobe veth"}]}'; exit 3`,
			diag.LocalCannotRun, []string{"localkube up: this machine lacks 2 things", "root: nodes are namespaces", "veth: nodes have a network"}, "run it with sudo",
		},
		{
			"the machine lacks something, and there is an alternative",
			`echo '{"event":"error","kind":"prerequisite","message":"no root"}'; exit 3`,
			diag.LocalCannotRun, []string{"localkube up: no root"}, "--topology kubernetes --context NAME",
		},
		{
			"a part does not compile",
			`echo '{"event":"error","kind":"build","message":"engine","log":["main.go:1: syntax error"]}'; exit 1`,
			diag.LocalNotBuilt, []string{"localkube up: engine", "main.go:1: syntax error"}, "or use a cluster that you have:",
		},
		{
			"a part does not run",
			`echo '{"event":"error","kind":"start","message":"etcd ended","log":["disk full"]}'; exit 1`,
			diag.LocalDidNotStart, []string{"localkube up: etcd ended", "disk full"}, "or begin afresh, without the objects and data that are in it:",
		},
		{"a name that cannot be", `echo '{"event":"error","kind":"usage","message":"bad name"}'; exit 2`, diag.BadFlag, []string{"localkube up: bad name"}, ""},
		{"it dies without a result", `echo 'panic: oh' >&2; exit 2`, diag.LocalDidNotStart, []string{"localkube up: exit status 2", "panic: oh"}, "see what its parts say:"},
		{"it ends without a result", `exit 0`, diag.LocalDidNotStart, []string{"localkube up ended without a result"}, "see what its parts say:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			says(t, c.script)
			_, err := local.Open(t.Context(), local.Options{})
			var d *diag.Diagnostic
			if !errors.As(err, &d) || d.Code != c.code {
				t.Fatalf("got %v, want %s", err, c.code)
			}
			var got []string
			for _, e := range d.Evidence {
				got = append(got, e.Text)
			}
			if diff := cmp.Diff(c.evidence, got); diff != "" {
				t.Error(diff)
			}
			if !strings.Contains(strings.Join(append(d.Help, ""), "\n"), c.help) {
				t.Errorf("%q is not in the help %q", c.help, d.Help)
			}
		})
	}
}

func TestAnInterruptedStartMayCleanUp(t *testing.T) {
	cleaned := filepath.Join(t.TempDir(), "cleaned")
	says(t, `trap 'touch `+cleaned+`; exit 1' INT
echo '{"event":"progress","step":"start","message":"starting the nodes"}'
while :; do sleep 0.05; done`)
	ctx, cancel := context.WithCancel(t.Context())
	ctx, seen := progress(ctx)
	done := make(chan error, 1)
	go func() {
		_, err := local.Open(ctx, local.Options{})
		done <- err
	}()
	err := wait.Until(t.Context(), "the start to begin", wait.Pace{Limit: 30 * time.Second}, func(context.Context) (string, bool, error) {
		return "", len(seen()) > 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	var d *diag.Diagnostic
	if err := <-done; !errors.As(err, &d) || d.Code != diag.Interrupted || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(cleaned); err != nil {
		t.Error("it was not given the time to clean up")
	}
}

// caches sends what is kept into a directory of the test, except what the Go toolchain keeps.
func caches(t *testing.T) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOCACHE", strings.TrimSpace(string(out)))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}
