// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"nationtech.io/harmony/localkube/internal/build"
	"nationtech.io/harmony/localkube/internal/config"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/pki"
	"nationtech.io/harmony/localkube/internal/state"
	"nationtech.io/harmony/localkube/internal/supervisor"
	"nationtech.io/harmony/localkube/internal/wait"
)

// nodeDirs are the directories of a node's own.
var nodeDirs = []string{"conf", "pki", "log", "root", "kubelet", "containerd", "pods", "containers", "etcd", "volumes", "audit"}

// start writes what nodes need and sees to it that a supervisor runs all of them.
func (m Manager) start(ctx context.Context, c state.Cluster, spec state.Spec, programs build.Programs) error {
	m.Emit(Event{Step: "start", Message: "starting the nodes"})
	if err := writeState(c, spec, programs); err != nil {
		return err
	}
	client := supervisor.NewClient(c)
	status, err := client.Status(ctx)
	if errors.Is(err, supervisor.ErrNotRunning) {
		return m.startSupervisor(ctx, c, spec)
	}
	if err != nil {
		return err
	}
	for _, node := range status.Nodes {
		if action := repair(node.State); action != "" {
			if err := client.Node(ctx, node.Name, action); err != nil {
				return err
			}
		}
	}
	return client.Grow(ctx)
}

// repair is the action that makes a node run again.
func repair(s supervisor.NodeState) string {
	switch s {
	case supervisor.Stopped:
		return "start"
	case supervisor.Partitioned:
		return "heal"
	default: // a failed one is started again anyway
		return ""
	}
}

func writeState(c state.Cluster, spec state.Spec, programs build.Programs) error {
	dirs := []string{c.Volumes()}
	for _, node := range spec.Nodes {
		for _, dir := range nodeDirs {
			dirs = append(dirs, c.Node(node, dir))
		}
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fault.Wrap(fault.Start, err, "make the node's directories")
		}
	}
	// Users inside Pods pass through these; users of the host stop at the cluster's own directory.
	for _, node := range spec.Nodes {
		for _, dir := range []string{c.Volumes(), c.Node(node), c.Node(node, "kubelet"), c.Node(node, "volumes")} {
			if err := os.Chmod(dir, 0o755); err != nil {
				return fault.Wrap(fault.Start, err, "open the node's directories to its Pods")
			}
		}
	}
	if err := pki.Ensure(c, spec); err != nil {
		return err
	}
	for i := range spec.Nodes {
		if err := config.Write(c, spec, i, programs.Images["pause"].Reference); err != nil {
			return err
		}
	}
	return savePrograms(c, programs)
}

// startSupervisor starts a supervisor that outlives this process and waits until it takes orders.
func (m Manager) startSupervisor(ctx context.Context, c state.Cluster, spec state.Spec) error {
	// What a supervisor that was killed has left.
	if err := supervisor.Clean(ctx, spec); err != nil {
		return err
	}
	log, err := os.OpenFile(c.Log(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fault.Wrap(fault.Start, err, "open the supervisor's log")
	}
	defer func() { _ = log.Close() }()
	//nolint:noctx // it outlives the command that starts it
	command := exec.Command("/proc/self/exe", "supervise", c.Dir)
	command.Args[0] = "localkube"
	command.Dir = "/"
	command.Env = []string{"PATH=" + config.Path} // it outlives us and our secrets
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return fault.Wrap(fault.Start, err, "start the supervisor")
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait() // how it ended is in its log
		close(ended)
	}()
	client := supervisor.NewClient(c)
	err = wait.Until(ctx, "the supervisor to answer", 10*time.Millisecond, func(ctx context.Context) (bool, string, error) {
		select {
		case <-ended:
			f := fault.New(fault.Start, "the supervisor of cluster %q ended (%s)", c.Name, command.ProcessState)
			f.Log = tail(c.Log(), 20)
			return false, "", f
		default:
		}
		status, err := client.Status(ctx)
		if err != nil {
			return false, err.Error(), nil
		}
		return len(status.Nodes) == len(spec.Nodes), "not all nodes started", nil
	})
	if t, ok := errors.AsType[*wait.TimeoutError](err); ok && errors.Is(t, context.DeadlineExceeded) {
		return fault.Wrap(fault.Start, t, "cluster %q did not become ready", c.Name)
	}
	return err
}

// lastBytes gives the end of a file, or nothing when it cannot be read.
func lastBytes(path string, n int64) []byte {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.Size() > n {
		_, _ = file.Seek(-n, io.SeekEnd)
	}
	content, _ := io.ReadAll(file)
	return content
}
