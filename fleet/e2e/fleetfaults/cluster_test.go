// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/wait"
)

// A cluster is a local one that the cases may break. It is up while they run.
type cluster struct {
	name, localkube, kubeconfig string
	client                      client.Client
	// programs has the operator, the agent and nats-server.
	programs string
}

// answer is what localkube says.
type answer struct {
	Event, Message, Kubeconfig string
	Nodes                      json.RawMessage
}

type node struct {
	PID        int
	Components []struct {
		Name string
		PID  int
	}
}

var errFault = errors.New("it is not as it must be")

func openCluster(t *testing.T) *cluster {
	t.Helper()
	needs.Machine(t)
	c := &cluster{name: needs.Name() + "-faults", localkube: needs.Localkube(t), programs: t.TempDir()}
	t.Cleanup(func() {
		if _, err := c.manage(context.Background(), "down"); err != nil {
			t.Error(err)
		}
	})
	said, err := c.manage(t.Context(), "up", "--fsync=false") // nothing here takes the power from the cluster
	check(t, err)
	c.kubeconfig = said.Kubeconfig
	check(t, c.connect())
	for _, of := range []string{"nationtech.io/harmony/cmd/harmony-fleet-operator", "nationtech.io/harmony/cmd/harmony-fleet-agent", "github.com/nats-io/nats-server/v2"} {
		build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", c.programs+"/", of)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	check(t, c.define(t.Context(), t.TempDir()))
	return c
}

func (c *cluster) connect() error {
	to, err := clientcmd.BuildConfigFromFlags("", c.kubeconfig)
	if err != nil {
		return err
	}
	to.QPS, to.Timeout = -1, 5*time.Second
	scheme := runtime.NewScheme()
	if err := fleet.AddToScheme(scheme); err != nil {
		return err
	}
	to.WarningHandler = rest.NoWarnings{}
	c.client, err = client.New(to, client.Options{Scheme: scheme})
	return err
}

// define makes the fleet's kinds known.
func (c *cluster) define(ctx context.Context, dir string) error {
	texts, err := fleet.Definitions()
	if err != nil {
		return err
	}
	for i, text := range texts {
		file := filepath.Join(dir, strconv.Itoa(i)+".yaml")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return err
		}
		if err := c.kubectl(ctx, "apply", "--filename", file); err != nil {
			return err
		}
	}
	return c.kubectl(ctx, "wait", "--for=condition=Established", "--all", "customresourcedefinitions", "--timeout=60s")
}

func (c *cluster) manage(ctx context.Context, args ...string) (said answer, err error) {
	out, err := exec.CommandContext(ctx, c.localkube, append(args, "--name", c.name, "--output", "json")...).Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if bad := json.Unmarshal([]byte(lines[len(lines)-1]), &said); bad != nil {
		return said, errors.Join(err, bad)
	}
	if err != nil {
		return said, fmt.Errorf("%s: %s: %w", strings.Join(args, " "), said.Message, err)
	}
	return said, nil
}

func (c *cluster) kubectl(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, c.localkube, append([]string{"kubectl", "--name", c.name}, args...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("kubectl %s: %s: %w", strings.Join(args, " "), strings.TrimSpace(string(out)), err)
	}
	return nil
}

// kill kills a component of the control plane, which localkube starts again.
func (c *cluster) kill(ctx context.Context, component string) error {
	said, err := c.manage(ctx, "status")
	if err != nil {
		return err
	}
	var nodes []node
	if err := json.Unmarshal(said.Nodes, &nodes); err != nil {
		return err
	}
	for _, is := range nodes[0].Components {
		if is.Name == component && is.PID != 0 {
			return killWithin(nodes[0].PID, is.PID)
		}
	}
	return fmt.Errorf("%s does not run: %w", component, errFault)
}

// killWithin kills the process that is known by a PID within the namespace of another.
func killWithin(of, inside int) error {
	namespace, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", of))
	if err != nil {
		return err
	}
	files, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		return err
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		if is, err := os.Readlink(dir + "/ns/pid"); err != nil || is != namespace {
			continue
		}
		text, _ := os.ReadFile(file) // it may have ended
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) > 2 && fields[0] == "NSpid:" && fields[len(fields)-1] == strconv.Itoa(inside) {
				pid, err := strconv.Atoi(filepath.Base(dir))
				if err != nil {
					return err
				}
				return syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
	return fmt.Errorf("process %d has ended: %w", inside, errFault)
}

// answers waits until the API server answers.
func (c *cluster) answers(ctx context.Context) error {
	return wait.Until(ctx, "the API server", wait.Pace{Limit: time.Minute}, func(ctx context.Context) (string, bool, error) {
		err := c.client.List(ctx, &fleet.FleetStateList{})
		return fmt.Sprint(err), err == nil, nil
	})
}

// stopped does something while the only node is down.
func (c *cluster) stopped(ctx context.Context, hard bool, do func(dir string) error) error {
	args := []string{"node", "stop", c.name}
	if hard {
		args = append(args, "--kill")
	}
	if _, err := c.manage(ctx, args...); err != nil {
		return err
	}
	err := do(filepath.Join(filepath.Dir(c.kubeconfig), "nodes", c.name, "etcd"))
	_, started := c.manage(ctx, "node", "start", c.name)
	return errors.Join(err, started, c.answers(ctx))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
