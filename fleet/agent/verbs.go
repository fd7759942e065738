// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/agent/runner"
	"nationtech.io/harmony/fleet/contract"
)

const defaultTail = 100 // lines of a log

// serve says which commands this agent knows beside ping.
func (k *keeper) serve(s *commandServer) {
	s.handle(contract.VerbResync, k.answerResync)
	s.handle(contract.VerbRestart, k.restart)
	s.handle(contract.VerbInspect, k.inspect)
	s.handle(contract.VerbExec, k.exec)
	s.handle(contract.VerbLogs, func(ctx context.Context, c contract.Command) (reply, error) { return k.logs(ctx, c, s) })
}

func (k *keeper) answerResync(_ context.Context, c contract.Command) (reply, error) {
	if err := contract.DecodeNoArgs(c.Args); err != nil {
		return nil, err
	}
	k.resync()
	return contract.DoneReply{Device: c.Device, Request: c.Request}, nil
}

// target gives the containers that a command is about. Only the control plane that the device obeys may ask.
func (k *keeper) target(ctx context.Context, c contract.Command, t contract.Target) ([]podman.Listed, error) {
	held := k.holds()
	record, known := held.Records[t.UID]
	switch {
	case k.runner == nil:
		return nil, &CommandError{contract.KindUnavailable, contract.CodeNoRuntime, "this agent runs no workloads", nil}
	case c.Plane != held.Plane:
		return nil, &CommandError{contract.KindRefused, contract.CodeWrongPlane, fmt.Sprintf("this device obeys control plane %s", held.Plane), nil}
	case !known || !record.Gone.IsZero():
		return nil, &CommandError{contract.KindRefused, contract.CodeNoWorkload, fmt.Sprintf("there is no workload %s here", t.UID), nil}
	}
	all, err := k.runner.Containers(ctx, t.UID)
	if err != nil {
		return nil, &CommandError{contract.KindUnavailable, contract.CodeNoRuntime, err.Error(), err}
	}
	if t.Service != "" {
		all = slices.DeleteFunc(all, func(l podman.Listed) bool { return runner.ContainerName(l) != t.Service })
		if len(all) == 0 {
			return nil, &CommandError{contract.KindRefused, contract.CodeNoWorkload, fmt.Sprintf("workload %s has no container %q now", t.UID, t.Service), nil}
		}
	}
	return all, nil
}

func failed(err error) error {
	return &CommandError{contract.KindFailed, contract.CodeNoRuntime, err.Error(), err}
}

// restart stops services; the next round starts them.
func (k *keeper) restart(ctx context.Context, c contract.Command) (reply, error) {
	t, err := contract.DecodeTarget(c.Args)
	if err != nil {
		return nil, err
	}
	all, err := k.target(ctx, c, t)
	if err != nil {
		return nil, err
	}
	k.log.Info("restart", "workload", t.UID.String(), "service", t.Service, "caller", c.Caller)
	for _, l := range all {
		if err := k.podman.Restart(ctx, l.ID); err != nil {
			return nil, failed(err)
		}
	}
	k.stir()
	return contract.DoneReply{Device: c.Device, Request: c.Request}, nil
}

func (k *keeper) inspect(ctx context.Context, c contract.Command) (reply, error) {
	t, err := contract.DecodeTarget(c.Args)
	if err != nil {
		return nil, err
	}
	all, err := k.target(ctx, c, t)
	if err != nil {
		return nil, err
	}
	answer := contract.InspectReply{Device: c.Device, Request: c.Request, Workload: k.workload(t.UID, k.holds().Records[t.UID])}
	for _, l := range all {
		d, err := k.podman.Inspect(ctx, l.ID)
		if err != nil {
			return nil, failed(err)
		}
		answer.Containers = append(answer.Containers, contract.ContainerState{
			Name: runner.ContainerName(l), Image: l.Image, State: d.State.Status, Health: d.State.Health.Status,
			ExitCode: d.State.ExitCode, Restarts: d.RestartCount, Started: d.State.StartedAt,
		})
	}
	return answer, nil
}

// exec runs a program that the device's own configuration allows.
func (k *keeper) exec(ctx context.Context, c contract.Command) (reply, error) {
	a, err := contract.DecodeExecArgs(c.Args)
	if err != nil {
		return nil, err
	}
	allowed := slices.Contains(k.config.Runtime.ExecAllow, a.Argv[0])
	k.log.Warn("exec", "workload", a.UID.String(), "service", a.Service, "caller", c.Caller, "request", c.Request.String(), "argv", fmt.Sprintf("%q", a.Argv), "allowed", allowed)
	if !allowed {
		return nil, &CommandError{contract.KindDenied, contract.CodeNotAllowed, "runtime.exec_allow of this device does not list " + clip(a.Argv[0]), nil}
	}
	all, err := k.target(ctx, c, a.Target)
	if err != nil {
		return nil, err
	}
	output, code, cut, err := k.podman.Exec(ctx, all[0].ID, a.Argv, contract.MaxOutput)
	if err != nil {
		return nil, failed(err)
	}
	return contract.ExecReply{Device: c.Device, Request: c.Request, ExitCode: code, Output: output, Truncated: cut}, nil
}

// logs sends what a service says piece by piece; the last piece is the answer.
func (k *keeper) logs(ctx context.Context, c contract.Command, s *commandServer) (reply, error) {
	a, err := contract.DecodeLogsArgs(c.Args)
	if err != nil {
		return nil, err
	}
	all, err := k.target(ctx, c, a.Target)
	if err != nil {
		return nil, err
	}
	if a.Tail == 0 {
		a.Tail = defaultTail
	}
	// The last piece must still reach the caller before the deadline.
	limited, cancel := context.WithTimeout(ctx, c.Deadline.Sub(s.now())-lastWords)
	defer cancel()
	p := newPieces(c, func(r contract.LogsReply) bool { return s.send(c.Request, r) })
	var sending sync.WaitGroup
	sending.Go(func() { p.run(limited) })
	err = k.podman.Logs(limited, all[0].ID, a.Tail, a.Follow, p)
	ended := limited.Err() != nil
	cancel()
	sending.Wait()
	if err != nil && !ended {
		return nil, failed(err)
	}
	return p.last(), nil
}
