// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/agent/podmantest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

// A real device is the agent's program and a podman, apart from this machine's.
type real struct {
	podmantest.Machine
	dir     string // where the agent keeps its state
	program string
	small   bool // that directory is a file system of a megabyte
	agent   *kept
	// steady are the containers of a workload that nobody changes, before the fault. They must stay, unless the power was cut.
	steady []string
	cut    bool
}

const (
	steady    = "steady"
	realLabel = "real"
	uidLabel  = "io.nationtech.harmony.uid"
	// small is the size of a small file system in bytes.
	small = 1 << 20
)

// boot makes the last device of the world a real one.
func (w *world) boot(f fault) {
	w.t.Helper()
	b := w.boxes[len(w.boxes)-1]
	r := &real{Machine: podmantest.Start(w.t), dir: filepath.Join(w.dir, "state"), program: filepath.Join(w.programs, "harmony-fleet-agent"), small: f.small}
	b.real, w.image = r, r.Image
	if f.clock {
		r.program = jumping(w)
	}
	check(w.t, os.MkdirAll(r.dir, 0o700))
	config := filepath.Join(w.dir, "agent.toml")
	text := fmt.Sprintf("device = %q\nheartbeat_interval = %q\nruntime_enabled = true\n[nats]\nurls = [%q]\n[credentials]\ntype = \"user-pass\"\nuser = %q\npassword = %q\n"+
		"[runtime]\nstate_dir = %q\npodman_socket = %q\n[health]\nlisten = \"\"\n", b.id, beat, w.near.url(), b.id, password, r.dir, r.Socket)
	check(w.t, os.WriteFile(config, []byte(text), 0o600))
	r.agent = &kept{start: func() (*process, error) {
		args := []string{r.program, "--config", config}
		if r.small {
			args = append([]string{"unshare", "--mount", "sh", "-c", fmt.Sprintf("mount -t tmpfs -o size=%d tmpfs %s && exec \"$@\"", small, r.dir), "sh"}, args...)
		}
		return start(filepath.Join(w.dir, "agent.log"), nil, args[0], args[1:]...)
	}}
	w.t.Cleanup(r.agent.down)
	check(w.t, r.agent.up())
	check(w.t, w.put(w.t.Context(), steady, map[string]string{realLabel: "yes"}, w.any()))
}

// containers are those that agents have made and that run.
func (r *real) containers(ctx context.Context) (all []podman.Listed, err error) {
	listed, err := podman.New(r.Socket).Containers(ctx, uidLabel)
	for _, c := range listed {
		if c.State == "running" {
			all = append(all, c)
		}
	}
	return all, err
}

func (r *real) runs(ctx context.Context) (map[contract.WorkloadUID]contract.Digest, error) {
	listed, err := r.containers(ctx)
	if err != nil {
		return nil, err
	}
	all := map[contract.WorkloadUID]contract.Digest{}
	for _, c := range listed {
		uid, err := contract.ParseWorkloadUID(c.Labels[uidLabel])
		if err != nil {
			return nil, err
		}
		if all[uid], err = contract.ParseDigest(c.Labels["io.nationtech.harmony.digest"]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// still gives the containers of the workload that nobody changes.
func (r *real) still(ctx context.Context) (all []string, err error) {
	listed, err := r.containers(ctx)
	for _, c := range listed {
		if c.Labels["io.nationtech.harmony.name"] == steady {
			all = append(all, c.ID)
		}
	}
	return all, err
}

// lost is how many containers were taken away, or made anew, that nobody has touched.
func (r *real) lost() (n int) {
	if r.cut {
		return 0
	}
	now, err := r.still(context.Background())
	if err != nil || fmt.Sprint(now) != fmt.Sprint(r.steady) {
		return max(len(r.steady), 1)
	}
	return 0
}

// real is the real device of the world.
func (w *world) real() *real { return w.boxes[len(w.boxes)-1].real }

// remember notes what runs before the fault.
func (w *world) remember() {
	r := w.real()
	if r == nil {
		return
	}
	var err error
	r.steady, err = r.still(w.t.Context())
	check(w.t, err)
	if len(r.steady) != 1 {
		w.t.Fatalf("%d containers of %s run", len(r.steady), steady)
	}
}

// full fills the small file system of the device until nothing fits, and gives what takes that back.
func (r *real) full(ctx context.Context) (free func() error, err error) {
	file := fmt.Sprintf("/proc/%d/root%s/filler", r.agent.is().cmd.Process.Pid, r.dir)
	for _, size := range []int{64 << 10, 4 << 10, 1} {
		for err == nil {
			err = appendTo(file, make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return nil, err
		}
		err = nil
	}
	return func() error { return os.Remove(file) }, wait.Sleep(ctx, time.Second)
}

func appendTo(file string, data []byte) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // what could not be written is what is asked for
	_, err = f.Write(data)
	return err
}
