// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"nationtech.io/harmony/fleet/contract"
)

// defaultLimit is how long an answer is waited for when the context has no deadline.
const defaultLimit = 5 * time.Second

// Client asks devices, as a user of account FLEET.
type Client struct {
	Conn *nats.Conn
	// Plane is the control plane that asks. When zero each command gets a new one,
	// which agents accept as long as they know none.
	Plane contract.PlaneID
	// Caller is who asks, for the device's log.
	Caller string
	// Request names what is asked, to all devices alike; when zero each command gets a new one.
	Request contract.RequestID
}

// Ping asks a device whether it lives. nonce is what it must echo: 1 to 64 of
// A-Z, a-z, 0-9, '-', '_'. It waits until the context's deadline, 5 s when it
// has none. Its error is an *Error.
func (c Client) Ping(ctx context.Context, device contract.DeviceID, nonce string) (contract.PingReply, error) {
	args, err := contract.PingArgs{Nonce: nonce}.Encode()
	if err != nil {
		return contract.PingReply{}, &Error{Transport, device, contract.VerbPing, err.Error(), err}
	}
	asked, data, err := c.ask(ctx, device, contract.VerbPing, args)
	if err != nil {
		return contract.PingReply{}, err
	}
	reply, err := contract.DecodePingReply(data, asked, nonce)
	if err != nil {
		return contract.PingReply{}, sort(device, contract.VerbPing, err)
	}
	return reply, nil
}

// sort tells an answer that says no from one that is no answer.
func sort(device contract.DeviceID, verb contract.Verb, err error) *Error {
	e := &Error{BadReply, device, verb, err.Error(), err}
	var no *contract.ErrorReply
	if errors.As(err, &no) {
		e.Kind = AgentError
		if no.Kind == contract.KindDenied {
			e.Kind = Denied
		}
	}
	return e
}

// ask sends one command and gives the first message that comes to its reply subject.
func (c Client) ask(ctx context.Context, device contract.DeviceID, verb contract.Verb, args json.RawMessage) (contract.Asked, []byte, error) {
	ctx, cancel := limited(ctx)
	defer cancel()
	x, data, err := c.exchange(ctx, device, verb, args, 8)
	if err != nil {
		return contract.Asked{}, nil, err
	}
	defer x.close()
	answer, err := x.run(ctx, data)
	return x.asked, answer, err
}

// exchange prepares a command whose replies wait in a buffer of that size.
func (c Client) exchange(ctx context.Context, device contract.DeviceID, verb contract.Verb, args json.RawMessage, buffer int) (*exchange, []byte, error) {
	asked := contract.Asked{Device: device, Request: c.Request}
	if asked.Request.IsZero() {
		asked.Request = contract.NewRequestID()
	}
	data, err := c.envelope(ctx, asked, verb, args)
	if err != nil {
		return nil, nil, &Error{Transport, device, verb, err.Error(), err}
	}
	return &exchange{
		conn: c.Conn, device: device, verb: verb, asked: asked, before: c.Conn.LastError(), incoming: make(chan *nats.Msg, buffer),
		command: contract.CommandSubject(device, verb), reply: contract.ReplySubject(device, asked.Request), inbox: c.Conn.NewInbox(),
	}, data, nil
}

func (c Client) envelope(ctx context.Context, asked contract.Asked, verb contract.Verb, args json.RawMessage) ([]byte, error) {
	plane := c.Plane
	if plane.IsZero() {
		plane = contract.NewPlaneID()
	}
	deadline, _ := ctx.Deadline()
	return contract.Command{
		Verb: verb, Plane: plane, Device: asked.Device, Request: asked.Request, Deadline: deadline, Caller: c.Caller, Args: args,
	}.Encode()
}

func limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, defaultLimit)
}

// forbidden tells whether the server's word is that one of these subjects is not allowed.
func forbidden(err error, subjects ...string) bool {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return false
	}
	for _, subject := range subjects {
		if strings.Contains(err.Error(), `"`+subject+`"`) {
			return true
		}
	}
	return false
}
