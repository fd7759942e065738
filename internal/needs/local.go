// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package needs gives tests what not every machine has. A test that cannot have it is skipped with a reason
// that begins with "needs:"; where HARMONY_NEEDS=all is set, as in CI, it fails instead.
package needs

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	// NameVariable names the environment variable with the name of the local cluster that tests share.
	NameVariable = "HARMONY_LOCAL_NAME"
	defaultName  = "harmony-test"
	allVariable  = "HARMONY_NEEDS"
)

// Name is the name of the local cluster that tests share.
func Name() string {
	if name := os.Getenv(NameVariable); name != "" {
		return name
	}
	return defaultName
}

// Local gives the path of a kubeconfig of the local cluster that tests share, which is
// started when it does not run yet and left running. Its context may do everything.
func Local(t testing.TB) (kubeconfig string) {
	t.Helper()
	root(t)
	said, err := up()
	started(t, said, err)
	return said.Kubeconfig
}

// started ends the test unless the cluster did start.
func started(t testing.TB, said answer, err error) {
	t.Helper()
	switch {
	case err != nil:
		t.Fatalf("the local cluster does not start: %v", err)
	case said.Kind == "prerequisite":
		Lacking(t, "a local Kubernetes: "+said.reason())
	case said.Event != "ready":
		t.Fatalf("the local cluster does not start: %s", said.reason())
	}
}

// Machine asks only that this machine can run a local Kubernetes, for tests that start clusters of their own. Its
// programs are built if they are not built yet.
func Machine(t testing.TB) {
	t.Helper()
	root(t)
	said, err := manage("check")
	switch {
	case err != nil:
		t.Fatalf("this machine cannot be looked at: %v", err)
	case said.Kind == "prerequisite":
		Lacking(t, "a local Kubernetes: "+said.reason())
	case said.Event != "ok":
		t.Fatalf("this machine cannot be looked at: %s", said.reason())
	}
}

func root(t testing.TB) {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		Lacking(t, "a local Kubernetes: it runs only on Linux and as root")
	}
}

// Load puts images into the nodes of the cluster that Local gives; archive is what capability/image writes.
func Load(t testing.TB, archive string) {
	t.Helper()
	said, err := manage("image", "load", archive)
	if err != nil || said.Event != "loaded" {
		t.Fatalf("the images of %s cannot be loaded: %v %s", archive, err, said.reason())
	}
}

// Lacking ends a test that cannot have what it needs: it is skipped, or fails where nothing may be lacking.
func Lacking(t testing.TB, what string) {
	t.Helper()
	if os.Getenv(allVariable) == "all" {
		t.Fatalf("needs: %s", what)
	}
	t.Skipf("needs: %s", what)
}

// answer is the last line that the manager of local clusters says.
type answer struct {
	Event, Kind, Message, Kubeconfig, Gateway, Audit string
	Missing                                          []struct{ What, Why string }
}

func (a answer) reason() string {
	reasons := []string{a.Message}
	for _, m := range a.Missing {
		reasons = append(reasons, m.What+": "+m.Why)
	}
	return strings.Join(reasons, "; ")
}

var up = sync.OnceValues(func() (answer, error) { return manage("up") })

// manage runs the manager of local clusters on the one that tests share.
func manage(args ...string) (answer, error) { return manageOf(Name(), args...) }

// manageOf runs the manager of local clusters; what it says is worth more than how it ends.
func manageOf(cluster string, args ...string) (answer, error) {
	program, err := manager()
	if err != nil {
		return answer{}, err
	}
	//nolint:noctx // what tests share ends with none of them
	out, err := exec.Command(program, append(args, "--name", cluster, "--output", "json")...).Output()
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	var said answer
	if bad := json.Unmarshal(lines[len(lines)-1], &said); bad != nil {
		return said, errors.Join(err, bad)
	}
	return said, nil
}

// manager builds the manager of local clusters from the checkout, once in a process.
var manager = sync.OnceValues(func() (string, error) {
	return built("localkube", "./cmd/localkube", "localkube", nil)
})

// built builds a program of one of the checkout's modules; the Go build cache makes that quick.
func built(module, pkg, name string, env []string, flags ...string) (string, error) {
	//nolint:noctx // what tests share ends with none of them
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "nationtech.io/harmony").Output()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "harmony", "needs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	made, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(made) }()
	//nolint:noctx // what tests share ends with none of them
	build := exec.Command("go", slices.Concat([]string{"build"}, flags, []string{"-o", filepath.Join(made, name), pkg})...)
	build.Dir, build.Env, build.Stderr = filepath.Join(strings.TrimSpace(string(root)), module), append(os.Environ(), env...), os.Stderr
	if err := build.Run(); err != nil {
		return "", err
	}
	program := filepath.Join(dir, name)
	return program, os.Rename(filepath.Join(made, name), program)
}

// Localkube gives the path of the manager of local clusters, for tests that break them.
func Localkube(t testing.TB) string {
	t.Helper()
	program, err := manager()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// Kubectl does by hand, on the cluster that Local gives, what a test wants broken or looked at.
func Kubectl(t testing.TB, args ...string) string {
	t.Helper()
	program, err := manager()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, append([]string{"kubectl", "--name", Name()}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
