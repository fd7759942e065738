// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"nationtech.io/harmony/fleet/contract"
)

const (
	// maxRunning is how many commands run side by side; more are answered "busy" at once.
	maxRunning = 8
	// pendingMessages and pendingBytes bound what waits to be read; more is dropped, logged and counted.
	pendingMessages = 1024
	pendingBytes    = 4 << 20
	// rememberedRequests is how many requests are remembered in order to answer each once.
	rememberedRequests = 4096
)

// reply is a message that goes back to the caller.
type reply interface{ Encode() ([]byte, error) }

// handler carries out a command. Its context ends at the command's deadline.
type handler func(context.Context, contract.Command) (reply, error)

// outlet is where answers go.
type outlet interface {
	publish(subject string, data []byte) error // or why it could not be sent
	connected() bool
}

// commandServer reads commands, has them carried out and sends the answers.
type commandServer struct {
	device   contract.DeviceID
	plane    contract.PlaneID
	out      outlet
	log      *slog.Logger
	handlers map[contract.Verb]handler
	noise    *sparse
	now      func() time.Time

	slots   chan struct{}
	running sync.WaitGroup
	life    context.Context //nolint:containedctx // the consumer's own: it ends when commands must end
	end     context.CancelCauseFunc

	mu           sync.Mutex
	seen         *recent
	subscription *nats.Subscription

	answered, refused, ignored atomic.Uint64
}

func newCommandServer(device contract.DeviceID, plane contract.PlaneID, out outlet, log *slog.Logger) *commandServer {
	life, end := context.WithCancelCause(context.Background())
	return &commandServer{
		device: device, plane: plane, out: out, log: log, handlers: map[contract.Verb]handler{}, noise: newSparse(log),
		slots: make(chan struct{}, maxRunning), life: life, end: end, seen: newRecent(rememberedRequests), now: time.Now,
	}
}

func (s *commandServer) handle(verb contract.Verb, h handler) { s.handlers[verb] = h }

// attach listens for commands on a connection.
func (s *commandServer) attach(conn *nats.Conn) error {
	subject := contract.CommandSubjects(s.device)
	sub, err := conn.Subscribe(subject, func(m *nats.Msg) { s.receive(m.Subject, m.Data) })
	if err == nil {
		err = sub.SetPendingLimits(pendingMessages, pendingBytes)
	}
	if err != nil {
		return &CommandServerError{"subscribing to " + subject, err}
	}
	s.mu.Lock()
	s.subscription = sub
	s.mu.Unlock()
	return nil
}

// receive takes one message in. It never blocks, so that a slow command delays no other.
func (s *commandServer) receive(subject string, data []byte) {
	verb, ours := contract.VerbOf(s.device, subject)
	if !ours {
		s.ignore("no command of this device", "subject", clip(subject))
		return
	}
	command, err := contract.DecodeCommand(data, verb, contract.Receiver{Device: s.device, Plane: s.plane, Now: s.now()})
	if err != nil {
		s.refuse(verb, err)
		return
	}
	if !s.first(command.Request) {
		s.ignore("request was here before", "request", command.Request.String(), "verb", string(verb))
		return
	}
	h, known := s.handlers[verb]
	if !known {
		s.fail(command.Request, verb, &CommandError{contract.KindRefused, contract.CodeUnknownVerb, fmt.Sprintf("this agent does not know the command %q", verb), nil})
		return
	}
	select {
	case s.slots <- struct{}{}:
		s.running.Go(func() {
			defer func() { <-s.slots }()
			s.carryOut(h, command)
		})
	default:
		s.fail(command.Request, verb, &CommandError{contract.KindUnavailable, contract.CodeBusy, fmt.Sprintf("%d commands are running", maxRunning), nil})
	}
}

// refuse answers a message that is not acceptable, if it says to which request.
func (s *commandServer) refuse(verb contract.Verb, err error) {
	var r *contract.Refusal
	if !errors.As(err, &r) || r.Request.IsZero() {
		s.ignore("message refused", "verb", string(verb), "reason", err.Error())
		return
	}
	if s.first(r.Request) {
		s.fail(r.Request, verb, told(err))
	}
}

func (s *commandServer) first(request contract.RequestID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen.add(request)
}

func (s *commandServer) carryOut(h handler, c contract.Command) {
	limit := min(c.Deadline.Sub(s.now()), contract.MaxWork)
	ctx, cancel := context.WithTimeout(s.life, limit)
	defer cancel()
	start := time.Now()
	answer, err := guarded(ctx, h, c)
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		s.fail(c.Request, c.Verb, told(err))
		return
	}
	if s.send(c.Request, answer) {
		s.answered.Add(1)
		s.log.Info("command answered", "verb", string(c.Verb), "request", c.Request.String(), "caller", c.Caller, "seconds", time.Since(start).Seconds())
	}
}

// guarded turns a panic of a handler into an answer: one bad command must not end the others.
func guarded(ctx context.Context, h handler, c contract.Command) (answer reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &CommandError{contract.KindInternal, contract.CodePanic, fmt.Sprintf("the agent failed on this command: %v", p), nil}
		}
	}()
	return h(ctx, c)
}

// fail tells the caller why not.
func (s *commandServer) fail(request contract.RequestID, verb contract.Verb, why *CommandError) {
	s.refused.Add(1)
	s.noise.warn("command not carried out", "verb", string(verb), "request", request.String(), "kind", string(why.Kind), "code", string(why.Code), "reason", why.Message)
	s.send(request, contract.ErrorReply{Device: s.device, Request: request, Kind: why.Kind, Code: why.Code, Message: why.Message})
}

func (s *commandServer) send(request contract.RequestID, answer reply) bool {
	subject := contract.ReplySubject(s.device, request)
	data, err := answer.Encode()
	if err == nil {
		err = s.out.publish(subject, data)
	}
	if err != nil {
		failed := &CommandServerError{"answering request " + request.String(), err}
		s.noise.warn("an answer is lost", "request", request.String(), "reason", failed.Error())
		return false
	}
	return true
}

func (s *commandServer) ignore(what string, args ...any) {
	s.ignored.Add(1)
	s.noise.warn(what, args...)
}
