// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/people"
)

const (
	kindOffline    = string(command.DeviceOffline)
	kindNoWorkload = "no workload"
)

// askOne asks one device, and gives its last word.
func (s *Server) askOne(ctx context.Context, v plane.View, o order, out *lines) (json.RawMessage, *people.CommandError) {
	device, err := contract.ParseDeviceID(v.ID)
	if err != nil {
		return nil, &people.CommandError{Kind: string(command.Transport), Message: err.Error()}
	}
	if v.Revoked {
		return nil, &people.CommandError{Kind: string(command.DeviceOffline), Message: "the device is revoked: it is sent nothing"}
	}
	var target contract.Target
	if verbs[contract.Verb(o.Verb)] {
		var failed *people.CommandError
		if target, failed = s.target(v, o); failed != nil {
			return nil, failed
		}
	}
	answer, err := perform(ctx, s.Ask(o.caller, o.request), device, target, o, out)
	if err != nil {
		return nil, failure(err)
	}
	data, err := json.Marshal(answer)
	if err != nil {
		return nil, failure(err)
	}
	return data, nil
}

// perform has one verb carried out by a device.
func perform(ctx context.Context, client command.Client, device contract.DeviceID, target contract.Target, o order, out *lines) (any, error) {
	switch contract.Verb(o.Verb) {
	case contract.VerbPing:
		start := time.Now()
		reply, err := client.Ping(ctx, device, contract.NewRequestID().String())
		return people.Pong{Agent: reply.AgentVersion, Seconds: time.Since(start).Seconds(), Started: reply.StartedAt}, err
	case contract.VerbResync:
		return struct{}{}, client.Resync(ctx, device)
	case contract.VerbRestart:
		return struct{}{}, client.Restart(ctx, device, target)
	case contract.VerbInspect:
		reply, err := client.Inspect(ctx, device, target)
		return inspection(reply), err
	case contract.VerbExec:
		reply, err := client.Exec(ctx, device, contract.ExecArgs{Target: target, Argv: o.Argv})
		return people.Exec{ExitCode: reply.ExitCode, Output: reply.Output, Truncated: reply.Truncated}, err
	default: // logs: check knows no other
		return struct{}{}, tell(ctx, client, device, contract.LogsArgs{Target: target, Tail: o.Tail, Follow: o.Follow}, out)
	}
}

// tell passes a log on, and says what was lost on the way.
func tell(ctx context.Context, client command.Client, device contract.DeviceID, args contract.LogsArgs, out *lines) error {
	next, dropped := uint64(1), uint64(0)
	return client.Logs(ctx, device, args, func(piece contract.LogsReply) error {
		lost := piece.Sequence - min(next, piece.Sequence) + piece.Dropped - min(dropped, piece.Dropped)
		next, dropped = piece.Sequence+1, piece.Dropped
		if len(piece.Data) > 0 || lost > 0 {
			out.write(people.Event{Device: device.String(), Output: piece.Data, Lost: lost})
		}
		return nil
	})
}

func inspection(r contract.InspectReply) people.Inspection {
	i := people.Inspection{
		Phase: string(r.Workload.Phase), Release: r.Workload.Generation, Digest: r.Workload.Digest.String(),
		Code: r.Workload.Code, Message: r.Workload.Message, Containers: []people.Container{},
	}
	for _, c := range r.Containers {
		of := people.Container{Name: c.Name, Image: c.Image, State: c.State, Health: c.Health, ExitCode: c.ExitCode, Restarts: c.Restarts}
		if !c.Started.IsZero() {
			of.Started = &c.Started
		}
		i.Containers = append(i.Containers, of)
	}
	return i
}

// target finds the workload on a device that a command is about.
func (s *Server) target(v plane.View, o order) (contract.Target, *people.CommandError) {
	var found []plane.Workload
	var names []string
	for _, w := range v.Workloads {
		p, known := s.State.Deployment(w.UID)
		if known {
			names = append(names, p.Name)
		}
		if o.Deployment == "" || known && p.Namespace == o.Namespace && p.Name == o.Deployment {
			found = append(found, w)
		}
	}
	if len(found) != 1 {
		what := fmt.Sprintf("it has %d workloads", len(v.Workloads))
		if o.Deployment != "" {
			what = "it has nothing of Deployment " + o.Namespace + "/" + o.Deployment
		}
		if len(names) > 0 {
			what += "; there are: " + strings.Join(names, ", ")
		}
		return contract.Target{}, &people.CommandError{Kind: kindNoWorkload, Message: what}
	}
	uid, err := contract.ParseWorkloadUID(found[0].UID)
	if err != nil {
		return contract.Target{}, &people.CommandError{Kind: kindNoWorkload, Message: err.Error()}
	}
	target := contract.Target{UID: uid, Service: o.Service}
	if o.Service == "" && (o.Verb == string(contract.VerbLogs) || o.Verb == string(contract.VerbExec)) {
		services := s.Services(found[0].UID)
		if len(services) != 1 {
			return target, &people.CommandError{Kind: kindNoWorkload, Message: "name one of its services: " + strings.Join(services, ", ")}
		}
		target.Service = services[0]
	}
	return target, nil
}

func failure(err error) *people.CommandError {
	var e *command.Error
	if !errors.As(err, &e) {
		return &people.CommandError{Kind: string(command.Transport), Message: err.Error()}
	}
	failed := &people.CommandError{Kind: string(e.Kind), Message: e.Detail}
	var no *contract.ErrorReply
	if errors.As(err, &no) {
		failed.Code, failed.Message = string(no.Code), no.Message
	}
	return failed
}
