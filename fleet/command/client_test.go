// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package command_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"
	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	press, _    = contract.ParseDeviceID("press-07")
	oven, _     = contract.ParseDeviceID("oven-11")
	instance, _ = contract.ParseInstanceID("0123456789abcdef")
)

func start(t *testing.T) *natstest.Server {
	return natstest.Start(t, map[contract.DeviceID]string{press: "p", oven: "o"})
}

// answer makes a device that answers each command with what reply gives; nothing for nil.
func answer(t *testing.T, s *natstest.Server, id contract.DeviceID, reply func(contract.Command) []byte) {
	t.Helper()
	conn := s.Device(id)
	_, err := conn.Subscribe(contract.CommandSubjects(id), func(m *nats.Msg) {
		c, err := contract.DecodeCommand(m.Data, contract.VerbPing, contract.Receiver{Device: id, Now: time.Now()})
		if err != nil {
			t.Error(err)
			return
		}
		if data := reply(c); data != nil {
			if err := conn.Publish(contract.ReplySubject(id, c.Request), data); err != nil {
				t.Error(err)
			}
		}
	})
	if err == nil {
		err = conn.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func pong(t *testing.T, c contract.Command, change func(*contract.PingReply)) []byte {
	args, err := contract.DecodePingArgs(c.Args)
	if err != nil {
		t.Error(err)
	}
	reply := contract.PingReply{Device: c.Device, Request: c.Request, Nonce: args.Nonce, AgentVersion: "v1", Instance: instance, StartedAt: time.Now()}
	change(&reply)
	data, err := reply.Encode()
	if err != nil {
		t.Error(err)
	}
	return data
}

func ping(t *testing.T, conn *nats.Conn, limit time.Duration) (contract.PingReply, error) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return command.Client{Conn: conn, Caller: "test"}.Ping(ctx, press, "n-1")
}

func mustBe(t *testing.T, err error, kind command.Kind) *command.Error {
	t.Helper()
	var e *command.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Device != press {
		t.Fatalf("got %v, want %s", err, kind)
	}
	return e
}

func TestPingIsAnswered(t *testing.T) {
	s := start(t)
	answer(t, s, press, func(c contract.Command) []byte { return pong(t, c, func(*contract.PingReply) {}) })
	reply, err := ping(t, s.Fleet(), time.Minute)
	if err != nil || reply.Nonce != "n-1" || reply.Device != press {
		t.Fatalf("%+v, %v", reply, err)
	}
	if reply, err = (command.Client{Conn: s.Fleet(), Caller: "test"}).Ping(t.Context(), press, "n-2"); err != nil || reply.Nonce != "n-2" {
		t.Fatalf("without a deadline: %+v, %v", reply, err)
	}
}

func TestDeviceIsOffline(t *testing.T) {
	s := start(t)
	answer(t, s, oven, func(contract.Command) []byte { return nil })
	_, err := ping(t, s.Fleet(), time.Minute)
	mustBe(t, err, command.DeviceOffline)
}

func TestDeviceHangs(t *testing.T) {
	s := start(t)
	answer(t, s, press, func(contract.Command) []byte { return nil })
	_, err := ping(t, s.Fleet(), 2*time.Second) // long enough to be sent on a busy machine
	mustBe(t, err, command.Timeout)
}

func TestCallerGivesUp(t *testing.T) {
	s := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	answer(t, s, press, func(contract.Command) []byte { cancel(); return nil })
	_, err := command.Client{Conn: s.Fleet(), Caller: "test"}.Ping(ctx, press, "n-1")
	if mustBe(t, err, command.Timeout); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestServerDoesNotLetTheUserAsk(t *testing.T) {
	s := start(t)
	conn := s.Device(oven)
	for range 2 { // the second time as well, although the last error is of the same words
		_, err := ping(t, conn, time.Minute)
		mustBe(t, err, command.Denied)
	}
}

func TestAnswersThatSayNo(t *testing.T) {
	for kind, want := range map[contract.ErrorKind]command.Kind{contract.KindDenied: command.Denied, contract.KindUnavailable: command.AgentError} {
		s := start(t)
		answer(t, s, press, func(c contract.Command) []byte {
			data, err := contract.ErrorReply{Device: press, Request: c.Request, Kind: kind, Code: contract.CodeBusy, Message: "m"}.Encode()
			if err != nil {
				t.Error(err)
			}
			return data
		})
		_, err := ping(t, s.Fleet(), time.Minute)
		mustBe(t, err, want)
		var reply *contract.ErrorReply
		if !errors.As(err, &reply) || reply.Code != contract.CodeBusy {
			t.Errorf("got %v", err)
		}
	}
}

func TestAnswersThatBreakTheContract(t *testing.T) {
	for name, reply := range map[string]func(contract.Command) []byte{
		"garbage":        func(contract.Command) []byte { return []byte("\x00{") },
		"empty":          func(contract.Command) []byte { return []byte{} },
		"another nonce":  func(c contract.Command) []byte { return pong(t, c, func(p *contract.PingReply) { p.Nonce = "n-0" }) },
		"another device": func(c contract.Command) []byte { return pong(t, c, func(p *contract.PingReply) { p.Device = oven }) },
		"another request": func(c contract.Command) []byte {
			return pong(t, c, func(p *contract.PingReply) { p.Request = contract.NewRequestID() })
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			answer(t, s, press, reply)
			_, err := ping(t, s.Fleet(), time.Minute)
			mustBe(t, err, command.BadReply)
		})
	}
}

func TestConnectionIsBroken(t *testing.T) {
	s := start(t)
	conn := s.Fleet()
	s.Down()
	_, err := ping(t, conn, 300*time.Millisecond)
	mustBe(t, err, command.Transport)
	conn.Close()
	_, err = ping(t, conn, time.Minute)
	mustBe(t, err, command.Transport)
}

func TestWhatCannotBeAsked(t *testing.T) {
	s := start(t)
	_, err := command.Client{Conn: s.Fleet(), Caller: "test"}.Ping(t.Context(), press, "no nonce")
	mustBe(t, err, command.Transport)
	_, err = command.Client{Conn: s.Fleet()}.Ping(t.Context(), press, "n-1")
	mustBe(t, err, command.Transport)
}
