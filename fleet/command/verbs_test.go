// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package command_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
)

type encoder interface{ Encode() ([]byte, error) }

// says makes the press answer every command with what it is given, in order.
func says(t *testing.T, s *natstest.Server, replies func(contract.Command) []encoder) {
	t.Helper()
	conn := s.Device(press)
	_, err := conn.Subscribe(contract.CommandSubjects(press), func(m *nats.Msg) {
		verb, _ := contract.VerbOf(press, m.Subject)
		c, err := contract.DecodeCommand(m.Data, verb, contract.Receiver{Device: press, Now: time.Now()})
		if err != nil {
			t.Error(err)
			return
		}
		for _, r := range replies(c) {
			data, err := r.Encode()
			if err == nil {
				err = conn.Publish(contract.ReplySubject(press, c.Request), data)
			}
			if errors.Is(err, nats.ErrConnectionClosed) {
				return // the caller had enough, and the test is over
			}
			if err != nil {
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

func target(t *testing.T) contract.Target {
	t.Helper()
	uid, err := contract.ParseWorkloadUID("21674b09-51bb-4154-b1f5-4f60719dc76f")
	if err != nil {
		t.Fatal(err)
	}
	return contract.Target{UID: uid, Service: "main"}
}

func TestEachVerbGetsItsAnswerUnderTheNumberThatItWasGiven(t *testing.T) {
	s := start(t)
	request := contract.NewRequestID()
	var heard []contract.Verb
	says(t, s, func(c contract.Command) []encoder {
		heard = append(heard, c.Verb)
		if c.Request != request {
			t.Errorf("request %s, want %s", c.Request, request)
		}
		if c.Verb == contract.VerbExec {
			return []encoder{contract.ExecReply{Device: press, Request: request, ExitCode: 3, Output: []byte("no")}}
		}
		return []encoder{contract.DoneReply{Device: press, Request: request}}
	})
	client := command.Client{Conn: s.Fleet(), Caller: "test", Request: request}
	if err := client.Resync(t.Context(), press); err != nil {
		t.Error(err)
	}
	if err := client.Restart(t.Context(), press, target(t)); err != nil {
		t.Error(err)
	}
	reply, err := client.Exec(t.Context(), press, contract.ExecArgs{Target: target(t), Argv: []string{"/bin/false"}})
	if err != nil || reply.ExitCode != 3 || string(reply.Output) != "no" {
		t.Errorf("%+v: %v", reply, err)
	}
	if !slices.Equal(heard, []contract.Verb{contract.VerbResync, contract.VerbRestart, contract.VerbExec}) {
		t.Errorf("the device heard %v", heard)
	}
	_, err = client.Inspect(t.Context(), press, target(t))
	mustBe(t, err, command.BadReply)
	_, err = client.Inspect(t.Context(), press, contract.Target{})
	mustBe(t, err, command.Transport)
}

func TestALogIsTakenPieceByPieceUntilTheLastOne(t *testing.T) {
	s := start(t)
	says(t, s, func(c contract.Command) (all []encoder) {
		for n := range uint64(3) {
			all = append(all, contract.LogsReply{Device: press, Request: c.Request, Sequence: n + 1, Data: []byte{'a' + byte(n)}, Last: n == 2})
		}
		return all
	})
	client, text := command.Client{Conn: s.Fleet(), Caller: "test"}, ""
	err := client.Logs(t.Context(), press, contract.LogsArgs{Target: target(t)}, func(r contract.LogsReply) error {
		text += string(r.Data)
		return nil
	})
	if err != nil || text != "abc" {
		t.Errorf("%q: %v", text, err)
	}
	enough := errors.New("enough")
	err = client.Logs(t.Context(), press, contract.LogsArgs{Target: target(t)}, func(contract.LogsReply) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
}

func TestALogThatEndsWithoutItsLastPieceIsLate(t *testing.T) {
	s := start(t)
	says(t, s, func(c contract.Command) []encoder {
		return []encoder{contract.LogsReply{Device: press, Request: c.Request, Sequence: 1, Data: []byte("a")}}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	err := command.Client{Conn: s.Fleet(), Caller: "test"}.Logs(ctx, press, contract.LogsArgs{Target: target(t)}, func(contract.LogsReply) error { return nil })
	mustBe(t, err, command.Timeout)
}
