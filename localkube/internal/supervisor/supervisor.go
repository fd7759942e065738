// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"nationtech.io/harmony/localkube/internal/cgroup"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/link"
	"nationtech.io/harmony/localkube/internal/node"
	"nationtech.io/harmony/localkube/internal/state"
	"nationtech.io/harmony/localkube/internal/wait"
)

const (
	stopLimit    = 20 * time.Second // for one node to stop by itself
	firstBackOff = 500 * time.Millisecond
	maxBackOff   = 10 * time.Second
	settled      = time.Minute
)

// Supervisor runs one cluster.
type Supervisor struct {
	cluster  state.Cluster
	programs map[string]string
	log      *slog.Logger
	since    time.Time
	work     sync.WaitGroup
	end      context.CancelFunc
	ctx      context.Context //nolint:containedctx // the life of the supervisor, which requests must not outlive

	mu       sync.Mutex
	machines []*machine
	ready    bool
	discard  bool // stop nodes at once: nothing of them is needed any more
}

// Run supervises a cluster until ctx ends or it is told to stop. programs are
// the files that nodes run, by name. When another supervisor is there already
// it returns state.ErrLocked.
func Run(ctx context.Context, cluster state.Cluster, programs map[string]string, log *slog.Logger) error {
	lock, err := state.TryLock(cluster.SupervisorLockFile())
	if err != nil {
		return err
	}
	defer lock.Unlock()
	if err := os.WriteFile(cluster.SupervisorLockFile(), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return fault.Wrap(fault.Start, err, "note the supervisor's process")
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	s := &Supervisor{cluster: cluster, programs: programs, log: log, since: time.Now(), ctx: ctx, end: end}
	server, err := s.listen()
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	err = s.grow()
	if err == nil {
		log.Info("cluster is started", "cluster", cluster.Name, "pid", os.Getpid())
		<-ctx.Done()
	}
	end()
	s.stopAll()
	s.work.Wait()
	return errors.Join(err, s.clean(context.WithoutCancel(ctx)))
}

// grow starts the nodes of the spec that are not known yet.
func (s *Supervisor) grow() error {
	spec, err := s.cluster.Load()
	if err != nil {
		return err
	}
	tree, err := cgroup.Open(cgroup.Mount, spec.Cgroup())
	if err != nil {
		return err
	}
	if err := tree.Make(spec.Nodes); err != nil {
		return err
	}
	if err := link.Bridge(spec.Index); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.machines); i < len(spec.Nodes); i++ {
		m := newMachine(node.Config{Cluster: s.cluster, Spec: spec, Index: i, Programs: s.programs}, tree, s.log)
		if err := m.start(); err != nil {
			return err
		}
		s.machines = append(s.machines, m)
		s.ready = false
		s.work.Go(func() { s.keep(m) })
	}
	return nil
}

// keep starts a node again when it dies, until the supervisor ends.
func (s *Supervisor) keep(m *machine) {
	backOff := firstBackOff
	for s.ctx.Err() == nil {
		status, ended, wanted := m.snapshot()
		if ended == nil {
			if !wanted {
				wait.For(s.ctx, firstBackOff) // stopped: until someone starts it
				continue
			}
			if !wait.For(s.ctx, backOff) {
				return
			}
			backOff = min(2*backOff, maxBackOff)
			s.unready()
			if err := m.restart(); err != nil {
				s.log.Error("start a node again", "node", status.Name, "error", err)
			}
			continue
		}
		select {
		case <-ended:
			if time.Since(status.Since) > settled {
				backOff = firstBackOff
			}
		case <-s.ctx.Done():
		}
	}
}

func (s *Supervisor) stopAll() {
	s.mu.Lock()
	machines, now := s.machines, s.discard
	s.mu.Unlock()
	var group sync.WaitGroup
	// The control plane goes last, so that the others can say goodbye to it.
	for _, m := range machines[min(1, len(machines)):] {
		group.Go(func() { m.stop(now) })
	}
	group.Wait()
	for _, m := range machines[:min(1, len(machines))] {
		m.stop(now)
	}
}

// clean removes what the cluster has on the host.
func (s *Supervisor) clean(ctx context.Context) error {
	spec, err := s.cluster.Load()
	if err != nil {
		return err
	}
	return Clean(ctx, spec)
}

// Clean removes what a cluster without a supervisor has on the host: its links
// and its cgroups, with every process in them.
func Clean(ctx context.Context, spec state.Spec) error {
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	tree, err := cgroup.Open(cgroup.Mount, spec.Cgroup())
	if err != nil {
		return err
	}
	return errors.Join(link.Remove(spec.Index), tree.Remove(ctx))
}

func (s *Supervisor) unready() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = false
}

func (s *Supervisor) machine(name string) (*machine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.machines {
		if m.config.Name() == name {
			return m, nil
		}
	}
	return nil, fault.New(fault.Absent, "there is no node %q in cluster %q", name, s.cluster.Name)
}

// PID reads who holds, or last held, the supervisor's lock of a cluster; 0 when no one did.
func PID(c state.Cluster) int {
	content, err := os.ReadFile(c.SupervisorLockFile())
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0
	}
	return pid
}
