// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/sim"
	"nationtech.io/harmony/wait"
)

// fleetOptions say how large the fleets are that are measured.
type fleetOptions struct {
	sockets, devices, perConnection, workloads, rounds int
}

func (b *bench) fleetOptions() (o fleetOptions, err error) {
	fs := flag.NewFlagSet("bench fleet", flag.ContinueOnError)
	fs.IntVar(&o.sockets, "sockets", 15000, "devices with a connection of their own each, in the first fleet")
	fs.IntVar(&o.devices, "devices", 50000, "devices of the second fleet, not fewer than of the first; 0 for none")
	fs.IntVar(&o.perConnection, "per-connection", 10, "how many devices of the second fleet share a connection")
	fs.IntVar(&o.workloads, "workloads", 20, "Deployments on each device, in figures beside those with one; 1 for no such figures")
	fs.IntVar(&o.rounds, "rounds", 3, "how often each figure is measured")
	fs.StringVar(&b.cluster, "cluster", b.cluster, "name of the local cluster, which is taken down afterwards")
	if err := fs.Parse(b.args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 || o.sockets < 1 || o.devices > 0 && o.devices < o.sockets || o.perConnection < 1 || o.workloads < 1 || o.rounds < 1 {
		return o, fmt.Errorf("there are no arguments, and devices are 0 or at least as many as sockets, of which there is one at least: %w", os.ErrInvalid)
	}
	return o, nil
}

// A fleetBench is a place with a real API server, and a NATS and an operator that run beside it as processes of this machine,
// so that thousands of sockets do not go through the network of a node.
type fleetBench struct {
	fleetOptions
	kubernetes
	dir  string
	port int
	nats *process
	// died is told when the operator ends by itself; nobody when it is nil.
	died func(error)
	// bare is the resident memory of an operator without devices, in bytes.
	bare float64
	// release counts what was asked for, so that it is always something else.
	release int
}

const (
	// appear bounds how long a fleet takes that is told everything for the first time.
	appear = 10 * time.Minute
	// quiet is for how long a fleet is left alone between two figures; a device is told something once in two seconds at most.
	quiet = 4 * time.Second
	// agentID is the one device that is a real agent.
	agentID = "bench-agent"
)

// fleets measures two fleets, one after the other: one with a socket for each device, and a larger one whose devices share
// them.
func (b *bench) fleets(ctx context.Context) error {
	o, err := b.fleetOptions()
	if err != nil {
		return err
	}
	// This process and the server have each end of a socket, and some files beside.
	if err := files(uint64(max(o.sockets, o.devices/o.perConnection)) + 1000); err != nil {
		return err
	}
	f := &fleetBench{fleetOptions: o}
	if f.kubeconfig, err = b.up(ctx); err != nil {
		return err
	}
	if f.dir, err = os.MkdirTemp("", "harmony-bench-"); err != nil {
		return fmt.Errorf("make a directory for servers: %w", err)
	}
	defer func() { _ = os.RemoveAll(f.dir) }() // it lies in the directory for temporary files
	if _, err := command(ctx, "go", "build", "-o", filepath.Join(f.dir, "nats-server"), "github.com/nats-io/nats-server/v2"); err != nil {
		return err
	}
	if err := f.open(ctx); err != nil {
		return err
	}
	if err := f.alone(ctx); err != nil {
		return err
	}
	if err := f.measure(ctx, o.sockets, 1); err != nil || o.devices == 0 {
		return err
	}
	return f.measure(ctx, o.devices, o.perConnection)
}

// files raises how many files this process and those that it starts may have open.
func files(n uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("read the limit of open files: %w", err)
	}
	limit.Max = max(limit.Max, n)
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raise the limit of open files to %d, for so many sockets: %w", limit.Max, err)
	}
	return nil
}

// alone looks at an operator that has no devices.
func (f *fleetBench) alone(ctx context.Context) error {
	if err := f.serve(ctx, nil); err != nil {
		return err
	}
	operator, _, err := f.operate(ctx)
	if err == nil {
		err = wait.Sleep(ctx, settle)
	}
	if err == nil {
		f.bare, err = operator.resident()
	}
	return errors.Join(err, operator.stop(), f.nats.stop())
}

// measure prints the figures of a fleet with n devices, so many of which share a connection.
func (f *fleetBench) measure(ctx context.Context, n, each int) (err error) {
	var devices []contract.DeviceID
	for i := range n {
		id, err := contract.ParseDeviceID(fmt.Sprintf("bench-%d", i))
		if err != nil {
			return err
		}
		devices = append(devices, id)
	}
	if err := f.enrol(ctx, devices); err != nil {
		return err
	}
	groups := sim.Groups(devices, each)
	if err := f.serve(ctx, groups); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.nats.stop()) }()
	lines, err := sim.Connect(ctx, f.url(), login, groups)
	if err != nil {
		return err
	}
	defer sim.Close(lines)
	var floors floors
	for _, one := range []struct {
		is *series
		of floored
	}{{&floors.rollout, floored{1, true}}, {&floors.restart, floored{1, false}}, {&floors.crowded, floored{f.workloads, true}}} {
		if *one.is, err = f.floor(ctx, lines, one.of); err != nil {
			return err
		}
	}
	return f.live(ctx, sim.New(lines, sim.Config{}), floors, "_"+short(n))
}

// floors are what stands beside the figures of a fleet.
type floors struct{ rollout, restart, crowded series }

// live lets the devices live, and an operator command them.
func (f *fleetBench) live(ctx context.Context, devices *sim.Fleet, floors floors, suffix string) (err error) {
	ctx, died := context.WithCancelCause(ctx)
	f.died = died
	defer func() { died(nil); f.died = nil }()
	operator, _, err := f.operate(ctx)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- devices.Run(running) }()
	m := &measured{fleetBench: f, fleet: devices, operator: operator, suffix: suffix}
	for _, figure := range []func(context.Context) error{
		m.begin, func(ctx context.Context) error { return m.rollouts(ctx, floors.rollout) }, m.steady, m.memory, m.agent,
		func(ctx context.Context) error { return m.restarts(ctx, floors.restart) }, m.edits,
		func(ctx context.Context) error { return m.crowded(ctx, floors.crowded) },
	} {
		if err = figure(ctx); err != nil {
			break
		}
	}
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = errors.Join(cause, err)
	}
	stop()
	err = errors.Join(err, <-ended, m.operator.stop())
	if counts := devices.Books.Counts(); err == nil && counts.Backwards+counts.Wrong+counts.Malformed+counts.Denied+devices.Books.Removed(m.uid) > 0 {
		err = fmt.Errorf("the devices were told what they must not be: %+v: %w", counts, os.ErrInvalid)
	}
	return err
}

// short is a number as it stands in the name of a figure.
func short(n int) string {
	if n%1000 == 0 {
		return fmt.Sprintf("%dk", n/1000)
	}
	return fmt.Sprint(n)
}

func login(devices []contract.DeviceID) (user, secret string) {
	return devices[0].String(), password
}
