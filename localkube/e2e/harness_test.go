// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nationtech.io/harmony/localkube/internal/wait"
)

// binary is the localkube under test.
var binary string

func TestMain(m *testing.M) {
	if cannot() != "" {
		os.Exit(m.Run()) // each test says that it cannot run, and why
	}
	os.Exit(run(m))
}

// need skips a test, with the reason, where it cannot run; with HARMONY_NEEDS=all, as in CI, it fails instead.
func need(t *testing.T) {
	t.Helper()
	reason := cannot()
	switch {
	case reason == "":
	case os.Getenv("HARMONY_NEEDS") == "all":
		t.Fatalf("needs: %s", reason)
	default:
		t.Skipf("needs: %s", reason)
	}
}

func cannot() string {
	if runtime.GOOS != "linux" {
		return "a local Kubernetes: it runs only on Linux"
	}
	if os.Geteuid() != 0 {
		return "a local Kubernetes: it runs only as root"
	}
	return ""
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "localkube-e2e-")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "localkube")
	for _, args := range [][]string{{"go", "build", "-o", binary, "../cmd/localkube"}, {binary, "build"}} {
		command := exec.Command(args[0], args[1:]...)
		command.Stdout, command.Stderr = os.Stdout, os.Stdout
		if err := command.Run(); err != nil {
			fmt.Println(args, err)
			return 1
		}
	}
	return m.Run()
}

// user is one user of localkube, with a state directory of its own.
type user struct {
	t     *testing.T
	state string
}

// newUser gives a user whose clusters are taken down when the test ends.
func newUser(t *testing.T) *user {
	t.Helper()
	need(t)
	u := &user{t: t, state: t.TempDir()}
	t.Cleanup(func() {
		if output, err := u.command(context.Background(), "down", "--all").CombinedOutput(); err != nil {
			t.Errorf("down --all: %v\n%s", err, output)
		}
	})
	return u
}

func (u *user) dir(cluster string, elements ...string) string {
	return filepath.Join(append([]string{u.state, "harmony", "localkube", cluster}, elements...)...)
}

func (u *user) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, binary, args...)
	command.Env = append(os.Environ(), "XDG_STATE_HOME="+u.state)
	return command
}

// run runs localkube and gives the last line of its JSON. It must succeed.
func (u *user) run(args ...string) result {
	u.t.Helper()
	r, code := u.try(args...)
	if code != 0 {
		u.t.Fatalf("localkube %s: exit code %d: %+v", strings.Join(args, " "), code, r)
	}
	return r
}

// try runs localkube and gives the last line of its JSON and the exit code.
func (u *user) try(args ...string) (result, int) {
	u.t.Helper()
	command := u.command(u.t.Context(), append(args, "--output", "json")...)
	var errs bytes.Buffer
	command.Stderr = &errs
	output, err := command.Output()
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	var r result
	if jsonErr := json.Unmarshal(lines[len(lines)-1], &r); jsonErr != nil {
		u.t.Fatalf("localkube %s: %v: last line is not JSON: %v\n%s%s", strings.Join(args, " "), err, jsonErr, output, &errs)
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
		return r, 0
	case ok:
		return r, exit.ExitCode()
	}
	u.t.Fatalf("localkube %s: %v", strings.Join(args, " "), err)
	return r, 0
}

// result is the last line of JSON, of any command.
type result struct {
	Event, Kind, Message, Name, State, Kubeconfig, Gateway, Audit string
	Log                                                           []string
	Already                                                       bool
	Supervisor                                                    int
	Nodes                                                         json.RawMessage
}

type component struct {
	Name, State, LastExit string
	PID, Restarts         int
}

type node struct {
	Name, State string
	PID         int
	Restarts    int
	Components  []component
}

func (u *user) nodes(cluster string) []node {
	u.t.Helper()
	var nodes []node
	if err := json.Unmarshal(u.run("status", "--name", cluster).Nodes, &nodes); err != nil {
		u.t.Fatal(err)
	}
	return nodes
}

func (u *user) component(cluster, name string) component {
	u.t.Helper()
	for _, c := range u.nodes(cluster)[0].Components {
		if c.Name == name {
			return c
		}
	}
	u.t.Fatalf("cluster %s has no component %s", cluster, name)
	return component{}
}

// kubectl runs kubectl on a cluster and gives its output. It must succeed.
func (u *user) kubectl(cluster string, args ...string) string {
	u.t.Helper()
	command := u.command(u.t.Context(), append([]string{"kubectl", "--name", cluster}, args...)...)
	output, err := command.CombinedOutput()
	if err != nil {
		u.t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return strings.TrimSpace(string(output))
}

// eventually waits for check to see what is wanted.
func (u *user) eventually(what string, limit time.Duration, check func() (bool, string)) {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), limit)
	defer cancel()
	err := wait.Until(ctx, what, 100*time.Millisecond, func(context.Context) (bool, string, error) {
		ok, seen := check()
		return ok, seen, nil
	})
	if err != nil {
		u.t.Fatal(err)
	}
}

// kill kills a component of a cluster's first node, which is known by its PID there.
func (u *user) kill(cluster, name string) {
	u.t.Helper()
	inside := u.component(cluster, name).PID
	namespace, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", u.nodes(cluster)[0].PID))
	if err != nil {
		u.t.Fatal(err)
	}
	files, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, file := range files {
		dir := filepath.Dir(file)
		if ns, err := os.Readlink(dir + "/ns/pid"); err != nil || ns != namespace {
			continue
		}
		content, _ := os.ReadFile(file)
		for line := range strings.Lines(string(content)) {
			fields := strings.Fields(line)
			if len(fields) > 2 && fields[0] == "NSpid:" && fields[len(fields)-1] == strconv.Itoa(inside) {
				pid, _ := strconv.Atoi(filepath.Base(dir))
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					u.t.Fatal(err)
				}
				return
			}
		}
	}
	u.t.Fatalf("no process of %s found", name)
}

// step runs one step of the story of a cluster; the rest makes no sense without it.
// Until it ends the user speaks for it.
func step(u *user, cluster, name string, run func(t *testing.T)) {
	story := u.t
	story.Helper()
	defer func() { u.t = story }()
	ok := story.Run(name, func(t *testing.T) {
		u.t = t
		run(t)
	})
	if ok {
		return
	}
	for _, args := range [][]string{{"get", "pods,pvc", "-A", "-o", "wide"}, {"get", "events", "-A", "--sort-by=.lastTimestamp"}} {
		output, _ := u.command(context.Background(), append([]string{"kubectl", "--name", cluster}, args...)...).CombinedOutput()
		story.Logf("kubectl %s:\n%s", strings.Join(args, " "), output)
	}
	story.FailNow()
}
