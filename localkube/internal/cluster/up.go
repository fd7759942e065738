// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"nationtech.io/harmony/localkube/internal/address"
	"nationtech.io/harmony/localkube/internal/build"
	"nationtech.io/harmony/localkube/internal/claim"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/link"
	"nationtech.io/harmony/localkube/internal/prereq"
	"nationtech.io/harmony/localkube/internal/state"
	"nationtech.io/harmony/localkube/internal/supervisor"
)

// UpOptions says what to bring up.
type UpOptions struct {
	Name    string
	Nodes   int           // 0: as it is, or one for a new cluster
	Fsync   bool          // for a new cluster: etcd writes through to the disk
	Audit   bool          // the API server logs requests; a cluster that does so already goes on
	Timeout time.Duration // from the start of the nodes to ready; building is not counted
}

// Ready describes a cluster that is ready.
type Ready struct {
	Name       string   `json:"name"`
	Kubeconfig string   `json:"kubeconfig"`
	Gateway    string   `json:"gateway"`
	Audit      string   `json:"audit,omitempty"` // the path of the API server's log of requests
	Nodes      []string `json:"nodes"`
	Already    bool     `json:"already"` // it was ready before
	Seconds    float64  `json:"seconds"` // from the call, without what was built
}

// Up brings a cluster up and returns when it is ready: the API server answers,
// every node is Ready, DNS answers, and a Pod has run on each node. It can be
// called again at any time, also when an earlier call was cut short.
func (m Manager) Up(ctx context.Context, o UpOptions) (Ready, error) {
	begin := time.Now()
	if err := checkOptions(o); err != nil {
		return Ready{}, err
	}
	c := m.Root.Cluster(o.Name)
	if ready, ok := m.alreadyUp(ctx, c, o, begin); ok {
		return ready, nil
	}
	programs, err := m.Build(ctx)
	if err != nil {
		return Ready{}, err
	}
	begin = time.Now()
	lock, err := m.lock(ctx, c)
	if err != nil {
		return Ready{}, err
	}
	defer lock.Unlock()
	if ready, ok := m.alreadyUp(ctx, c, o, begin); ok {
		return ready, nil
	}
	spec, err := m.spec(ctx, c, o)
	if err != nil {
		return Ready{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	if err := m.start(ctx, c, spec, programs); err != nil {
		return Ready{}, err
	}
	if err := m.awaitReady(ctx, c, spec, programs); err != nil {
		return Ready{}, err
	}
	ready := describe(c, spec)
	ready.Seconds = time.Since(begin).Seconds()
	return ready, supervisor.NewClient(c).Ready(ctx)
}

func checkOptions(o UpOptions) error {
	if err := state.CheckName(o.Name); err != nil {
		return err
	}
	if o.Nodes < 0 || o.Nodes > address.MaxNodes {
		return fault.New(fault.Usage, "%d nodes: want 1 to %d", o.Nodes, address.MaxNodes)
	}
	return nil
}

func (m Manager) lock(ctx context.Context, c state.Cluster) (*state.Lock, error) {
	if err := (state.Cluster{Name: c.Name, Dir: string(m.Root)}).Make(); err != nil {
		return nil, err
	}
	return state.WaitLock(ctx, c.LockFile(), func() {
		m.Emit(Event{Step: "prepare", Message: "another command changes cluster " + c.Name + ": waiting for it"})
	})
}

// Build builds what is missing of the programs of a cluster, after checking that it can.
func (m Manager) Build(ctx context.Context) (build.Programs, error) {
	plan, err := build.NewPlan(ctx, m.Source)
	if err != nil {
		return build.Programs{}, err
	}
	anything, cgo := plan.Needed()
	if err := prereq.Check(ctx, prereq.Needs{State: string(m.Root), Build: anything, CGO: cgo}); err != nil {
		return build.Programs{}, err
	}
	return plan.Run(ctx, func(p build.Progress) {
		m.Emit(Event{Step: "build", Message: p.What, Done: p.Done, Total: p.Total})
	})
}

// spec loads the cluster's spec, or makes one with an address range that is free.
func (m Manager) spec(ctx context.Context, c state.Cluster, o UpOptions) (state.Spec, error) {
	spec, err := c.Load()
	switch {
	case err == nil:
		if o.Nodes > 0 && o.Nodes < len(spec.Nodes) {
			return spec, fault.New(fault.Usage, "cluster %q has %d nodes: it can grow, but not shrink to %d", c.Name, len(spec.Nodes), o.Nodes)
		}
		if o.Audit && !spec.Audit {
			if err := mayAudit(ctx, c); err != nil {
				return spec, err
			}
			spec.Audit = true
		}
	case errors.Is(err, fs.ErrNotExist):
		spec = state.Spec{Name: c.Name, Fsync: o.Fsync, Audit: o.Audit, Created: time.Now().UTC()}
	default:
		return spec, err
	}
	for i := len(spec.Nodes); i < max(o.Nodes, 1); i++ {
		spec.Nodes = append(spec.Nodes, state.NodeName(c.Name, i))
	}
	err = claimRange(ctx, c, &spec)
	return spec, err
}

// mayAudit refuses to make a cluster log requests that runs and does not: its API server would have to be started anew.
func mayAudit(ctx context.Context, c state.Cluster) error {
	_, err := supervisor.NewClient(c).Status(ctx)
	switch {
	case errors.Is(err, supervisor.ErrNotRunning):
		return nil
	case err != nil:
		return err
	}
	return fault.New(fault.Usage, "cluster %q runs without an audit log: `localkube stop --name %s` first, which keeps its state", c.Name, c.Name)
}

// claimRange sees to it that the range of a cluster is its own: one that is new
// gets one that is free.
func claimRange(ctx context.Context, c state.Cluster, spec *state.Spec) error {
	if err := c.Make(); err != nil {
		return err
	}
	lock, err := claim.Machine.Lock(ctx)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	if spec.Index == 0 {
		if spec.Index, err = chooseRange(); err != nil {
			return err
		}
	}
	if err := c.Save(*spec); err != nil {
		return err
	}
	return claim.Machine.Claim(spec.Index, c)
}

func chooseRange() (address.Plan, error) {
	ranges, err := link.InUse()
	if err != nil {
		return 0, err
	}
	taken, err := claim.Machine.Taken()
	if err != nil {
		return 0, err
	}
	plan, ok := address.Choose(taken, ranges)
	if !ok {
		return 0, fault.New(fault.Start, "all %d address ranges (10.90.N.0/24 with 10.{100+N}.0.0/16 and 10.{150+N}.0.0/16) are taken: take a cluster down", address.MaxIndex)
	}
	return plan, nil
}

func describe(c state.Cluster, spec state.Spec) Ready {
	return Ready{Name: c.Name, Kubeconfig: c.Kubeconfig(), Gateway: spec.Index.Gateway().String(), Audit: c.AuditLog(spec), Nodes: spec.Nodes}
}

// programsFile is where the supervisor finds its programs.
func programsFile(c state.Cluster) string { return c.Path("programs.json") }

func savePrograms(c state.Cluster, p build.Programs) error {
	content, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fault.Wrap(fault.Failed, err, "encode the list of programs")
	}
	return state.WriteFile(programsFile(c), content)
}

// tail gives the last lines of a log, for an error.
func tail(path string, lines int) []string {
	content := lastBytes(path, 16<<10)
	all := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	all = all[max(0, len(all)-lines):]
	return append([]string{filepath.Base(path) + ":"}, all...)
}
