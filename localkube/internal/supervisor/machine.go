// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package supervisor

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"nationtech.io/harmony/localkube/internal/cgroup"
	"nationtech.io/harmony/localkube/internal/config"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/link"
	"nationtech.io/harmony/localkube/internal/node"
)

// machine is one node: its first process and what is known of its components.
type machine struct {
	config node.Config
	tree   cgroup.Tree
	log    *slog.Logger

	mu     sync.Mutex
	status Node
	ended  chan struct{} // closed when the process that runs now has ended; nil when none runs
	wanted bool          // it is to run: when it dies, start it again
}

func newMachine(c node.Config, tree cgroup.Tree, log *slog.Logger) *machine {
	return &machine{config: c, tree: tree, log: log, status: Node{
		Name: c.Name(), State: Stopped, Address: c.Spec.Index.Node(c.Index).String(),
	}}
}

// start starts the node's first process and plugs its link in; a running node stays as it is.
func (m *machine) start() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wanted = true
	if m.ended != nil {
		return nil
	}
	return m.startLocked()
}

func (m *machine) startLocked() error {
	ordersIn, orders, err := os.Pipe()
	if err != nil {
		return fault.Wrap(fault.Start, err, "make a pipe to the node")
	}
	defer func() { _ = ordersIn.Close() }()
	reports, reportsOut, err := os.Pipe()
	if err != nil {
		return fault.Wrap(fault.Start, err, "make a pipe from the node")
	}
	defer func() { _ = reportsOut.Close() }()
	output, err := os.OpenFile(m.config.Cluster.Node(m.config.Name(), "log", "node.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fault.Wrap(fault.Start, err, "open the node's log")
	}
	defer func() { _ = output.Close() }()
	//nolint:noctx // the supervisor stops its nodes in an order
	command := exec.Command("/proc/self/exe", "node")
	command.Args[0] = "localkube"
	command.Stdout, command.Stderr = output, output
	command.ExtraFiles = []*os.File{ordersIn, reportsOut}
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL,
		Setpgid:    true,
	}
	ended := make(chan struct{})
	if err := m.spawn(command, ended); err != nil {
		_, _ = orders.Close(), reports.Close()
		return fault.Wrap(fault.Start, err, "start node %s", m.config.Name())
	}
	m.ended = ended
	m.status.PID, m.status.State, m.status.Since = command.Process.Pid, Running, time.Now()
	m.status.Components = nil
	for _, c := range config.Commands(m.config.Spec, m.config.Index) {
		m.status.Components = append(m.status.Components, Component{Name: c.Name, State: "waiting"})
	}
	go m.read(reports)
	if err := m.plug(orders, command.Process.Pid); err != nil {
		_ = command.Process.Kill() // spawn sees it end
		return err
	}
	return nil
}

// spawn starts the command and waits for it on a thread of its own: the kernel
// sends the parent-death signal when the thread that started a child ends.
func (m *machine) spawn(command *exec.Cmd, ended chan struct{}) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := command.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		_ = command.Wait() // how it ended is in ProcessState
		m.over(describe(command.ProcessState), ended)
	}()
	return <-started
}

// plug puts the node into its cgroup, tells it what it is, and gives it its link.
func (m *machine) plug(orders *os.File, pid int) error {
	defer func() { _ = orders.Close() }()
	if err := m.tree.Enter(pid); err != nil {
		return err
	}
	content, err := json.Marshal(m.config)
	if err != nil {
		return fault.Wrap(fault.Start, err, "encode the node's configuration")
	}
	if _, err := orders.Write(append(content, '\n')); err != nil {
		return fault.Wrap(fault.Start, err, "configure node %s", m.config.Name())
	}
	if err := link.Connect(m.config.Spec.Index, m.config.Index, pid); err != nil {
		return err
	}
	if _, err := io.WriteString(orders, "plugged\n"); err != nil {
		return fault.Wrap(fault.Start, err, "start node %s", m.config.Name())
	}
	return nil
}

// over notes that the node has ended.
func (m *machine) over(how string, ended chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended = nil
	m.status.PID, m.status.LastExit, m.status.Since = 0, how, time.Now()
	m.status.State = Stopped
	if m.wanted {
		m.status.State = Failed
	}
	for i := range m.status.Components {
		m.status.Components[i].State, m.status.Components[i].PID = "ended", 0
	}
	m.log.Info("node ended", "node", m.status.Name, "end", how, "wanted", m.wanted)
	close(ended)
}

// read takes the node's reports until it ends.
func (m *machine) read(reports *os.File) {
	defer func() { _ = reports.Close() }()
	lines := bufio.NewScanner(reports)
	for lines.Scan() {
		var r node.Report
		if json.Unmarshal(lines.Bytes(), &r) == nil {
			m.note(r)
		}
	}
}

func (m *machine) note(r node.Report) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.status.Component(r.Component)
	if c == nil {
		return
	}
	c.Since, c.PID = r.Time, r.PID
	if r.Exit != "" {
		c.State, c.LastExit = "ended", r.Exit
		return
	}
	if c.State == "ended" {
		c.Restarts++
	}
	c.State = "running"
}

// stop ends the node, at once or after its components and Pods have ended, and waits for it.
func (m *machine) stop(now bool) {
	m.mu.Lock()
	m.wanted = false
	pid, ended := m.status.PID, m.ended
	if ended == nil {
		m.status.State = Stopped
	}
	m.mu.Unlock()
	if ended == nil {
		return
	}
	signal := syscall.SIGTERM
	if now {
		signal = syscall.SIGKILL
	}
	_ = syscall.Kill(pid, signal)
	timer := time.NewTimer(stopLimit)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		m.log.Warn("node does not stop: killing it", "node", m.config.Name())
		_ = syscall.Kill(pid, syscall.SIGKILL)
		<-ended
	}
}

// cut takes the node's cable out, or puts it back.
func (m *machine) cut(out bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended == nil {
		return fault.New(fault.Absent, "node %q does not run", m.config.Name())
	}
	change, state := link.Mend, Running
	if out {
		change, state = link.Cut, Partitioned
	}
	if err := change(m.config.Spec.Index, m.config.Index); err != nil {
		return err
	}
	m.status.State = state
	return nil
}

// snapshot gives the node's status and a channel that closes when its process ends (nil: none runs).
func (m *machine) snapshot() (Node, <-chan struct{}, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.status
	s.Components = append([]Component(nil), m.status.Components...)
	return s, m.ended, m.wanted
}

// restart starts a node that died; it counts.
func (m *machine) restart() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.wanted || m.ended != nil {
		return nil
	}
	m.status.Restarts++
	return m.startLocked()
}

func describe(p *os.ProcessState) string {
	if status, ok := p.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return fmt.Sprintf("signal %d (%s)", int(status.Signal()), status.Signal())
	}
	return fmt.Sprintf("exit code %d", p.ExitCode())
}
