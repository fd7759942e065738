// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"encoding/json"

	"nationtech.io/harmony/fleet/contract"
)

// piecesWaiting is how many pieces of a log wait to be taken; NATS drops those beyond, and their numbers are then missing.
const piecesWaiting = 1024

// Resync asks a device to report anew, and to fetch what it is told. Its error is an *Error.
func (c Client) Resync(ctx context.Context, device contract.DeviceID) error {
	return c.do(ctx, device, contract.VerbResync, contract.NoArgs())
}

// Restart stops and starts the services of a workload. Its error is an *Error.
func (c Client) Restart(ctx context.Context, device contract.DeviceID, of contract.Target) error {
	args, err := of.Encode()
	if err != nil {
		return &Error{Transport, device, contract.VerbRestart, err.Error(), err}
	}
	return c.do(ctx, device, contract.VerbRestart, args)
}

func (c Client) do(ctx context.Context, device contract.DeviceID, verb contract.Verb, args json.RawMessage) error {
	asked, data, err := c.ask(ctx, device, verb, args)
	if err != nil {
		return err
	}
	if _, err := contract.DecodeDoneReply(data, asked); err != nil {
		return sort(device, verb, err)
	}
	return nil
}

// Inspect asks a device for all about a workload. Its error is an *Error.
func (c Client) Inspect(ctx context.Context, device contract.DeviceID, of contract.Target) (contract.InspectReply, error) {
	args, err := of.Encode()
	if err != nil {
		return contract.InspectReply{}, &Error{Transport, device, contract.VerbInspect, err.Error(), err}
	}
	asked, data, err := c.ask(ctx, device, contract.VerbInspect, args)
	if err != nil {
		return contract.InspectReply{}, err
	}
	reply, err := contract.DecodeInspectReply(data, asked)
	if err != nil {
		return contract.InspectReply{}, sort(device, contract.VerbInspect, err)
	}
	return reply, nil
}

// Exec runs a program within a service. Its error is an *Error; how the program ended is none.
func (c Client) Exec(ctx context.Context, device contract.DeviceID, what contract.ExecArgs) (contract.ExecReply, error) {
	args, err := what.Encode()
	if err != nil {
		return contract.ExecReply{}, &Error{Transport, device, contract.VerbExec, err.Error(), err}
	}
	asked, data, err := c.ask(ctx, device, contract.VerbExec, args)
	if err != nil {
		return contract.ExecReply{}, err
	}
	reply, err := contract.DecodeExecReply(data, asked)
	if err != nil {
		return contract.ExecReply{}, sort(device, contract.VerbExec, err)
	}
	return reply, nil
}

// Logs asks for what a service says, and calls each with every piece until the last one, or the context's end. Pieces come
// in order; one that is lost on the way is seen by its missing number. Its error is an *Error.
func (c Client) Logs(ctx context.Context, device contract.DeviceID, what contract.LogsArgs, each func(contract.LogsReply) error) error {
	args, err := what.Encode()
	if err != nil {
		return &Error{Transport, device, contract.VerbLogs, err.Error(), err}
	}
	ctx, cancel := limited(ctx)
	defer cancel()
	x, data, err := c.exchange(ctx, device, contract.VerbLogs, args, piecesWaiting)
	if err != nil {
		return err
	}
	defer x.close()
	answer, err := x.run(ctx, data)
	for {
		if err != nil {
			return err
		}
		piece, err := contract.DecodeLogsReply(answer, x.asked)
		if err != nil {
			return sort(device, contract.VerbLogs, err)
		}
		if err := each(piece); err != nil {
			return err
		}
		if piece.Last {
			return nil
		}
		if answer, err = x.wait(ctx); err != nil {
			return err
		}
	}
}
