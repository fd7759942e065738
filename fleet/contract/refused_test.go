// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/contract"
)

func replaced(data []byte, old, with string) []byte {
	if !strings.Contains(string(data), old) {
		panic("nothing to replace: " + old)
	}
	return []byte(strings.Replace(string(data), old, with, 1))
}

func TestCommandIsRefused(t *testing.T) {
	good := must(ping().Encode())
	wrongPlane := receiver
	wrongPlane.Plane = contract.NewPlaneID()
	late := receiver
	late.Now = moment
	big := ping()
	for _, c := range []struct {
		name string
		data []byte
		by   contract.Receiver
		verb contract.Verb
		code contract.Code
		// answerable tells whether the request is known in spite of the refusal
		answerable bool
	}{
		{"nothing", nil, receiver, "ping", contract.CodeMalformed, false},
		{"no JSON", []byte("hello"), receiver, "ping", contract.CodeMalformed, false},
		{"an array", []byte("[]"), receiver, "ping", contract.CodeMalformed, false},
		{"an unknown field", replaced(good, "{", `{"sudo":true,`), receiver, "ping", contract.CodeMalformed, false},
		{"a field twice", replaced(good, "{", `{"device":"press-07",`), receiver, "ping", contract.CodeMalformed, false},
		{"a field twice in another case", replaced(good, "{", `{"Device":"press-07",`), receiver, "ping", contract.CodeMalformed, false},
		{"a field in another case", replaced(good, `"device"`, `"Device"`), receiver, "ping", contract.CodeMalformed, false},
		{"a field with a kelvin sign", replaced(good, `"request"`, "\"re\u212Auest\""), receiver, "ping", contract.CodeMalformed, false},
		{"a field twice within args", replaced(good, `{"nonce"`, `{"nonce":"x","nonce"`), receiver, "ping", contract.CodeMalformed, false},
		{"a null", replaced(good, `"ann@example.com"`, "null"), receiver, "ping", contract.CodeMalformed, false},
		{"data after the end", append(good[:len(good):len(good)], '{', '}'), receiver, "ping", contract.CodeMalformed, false},
		{"half a message", good[:len(good)/2], receiver, "ping", contract.CodeMalformed, false},
		{"invalid UTF-8", replaced(good, "ann", "\xff\xfe"), receiver, "ping", contract.CodeMalformed, false},
		{"deep nesting", replaced(good, `{"nonce":"n-1"}`, `{"a":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+"}"), receiver, "ping", contract.CodeMalformed, false},
		{"no caller", replaced(good, "ann@example.com", ""), receiver, "ping", contract.CodeMalformed, true},
		{"a missing field", replaced(good, `,"caller":"ann@example.com"`, ""), receiver, "ping", contract.CodeMalformed, true},
		{"args that is no object", replaced(good, `{"nonce":"n-1"}`, "1"), receiver, "ping", contract.CodeMalformed, true},
		{"a device id that is none", replaced(good, "press-07", "*"), receiver, "ping", contract.CodeMalformed, false},
		{"a request id that is a subject", replaced(good, request.String(), "a.b"), receiver, "ping", contract.CodeMalformed, false},
		{"oversize", replaced(good, "ann", strings.Repeat("a", contract.MaxCommand)), receiver, "ping", contract.CodeOversize, false},
		{"the type of another verb", good, receiver, "restart", contract.CodeWrongType, true},
		{"a later version", replaced(good, "ping/1", "ping/2"), receiver, "ping", contract.CodeWrongType, true},
		{"another device", replaced(good, "press-07", "oven-11"), receiver, "ping", contract.CodeWrongDevice, true},
		{"another plane", good, wrongPlane, "ping", contract.CodeWrongPlane, true},
		{"expired at this very moment", good, late, "ping", contract.CodeExpired, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := contract.DecodeCommand(c.data, c.verb, c.by)
			var refused *contract.Refusal
			if !errors.As(err, &refused) || refused.Code != c.code {
				t.Fatalf("got %v, want a refusal with code %s", err, c.code)
			}
			if got := refused.Request == request; got != c.answerable {
				t.Errorf("answerable: got %v, want %v", got, c.answerable)
			}
		})
	}
	big.Caller = strings.Repeat("x", 257)
	if _, err := big.Encode(); err == nil {
		t.Error("a command that its reader would refuse was encoded")
	}
}

func TestAgentWithoutPlaneAcceptsAny(t *testing.T) {
	command := ping()
	command.Plane = contract.NewPlaneID()
	by := receiver
	by.Plane = contract.PlaneID{}
	if _, err := contract.DecodeCommand(must(command.Encode()), contract.VerbPing, by); err != nil {
		t.Error(err)
	}
}

func TestDeviceWithASlowClockStillAnswers(t *testing.T) {
	by := receiver
	by.Now = time.Unix(0, 0)
	if _, err := contract.DecodeCommand(must(ping().Encode()), contract.VerbPing, by); err != nil {
		t.Error(err)
	}
}

func TestPingArgsAreRefused(t *testing.T) {
	for _, data := range []string{"", "{}", `{"nonce":""}`, `{"nonce":"a b"}`, `{"nonce":"` + strings.Repeat("n", 65) + `"}`, `{"nonce":"n","count":2}`} {
		if _, err := contract.DecodePingArgs([]byte(data)); err == nil {
			t.Errorf("%s was accepted", data)
		}
	}
}

func TestReplyIsRefused(t *testing.T) {
	good, failed := must(pingReply().Encode()), must(errorReply().Encode())
	for _, c := range []struct {
		name string
		data []byte
		to   contract.Asked
		code contract.Code
	}{
		{"nothing", nil, asked, contract.CodeMalformed},
		{"a number", []byte("7"), asked, contract.CodeMalformed},
		{"another type", replaced(good, "reply/ping/1", "reply/logs/1"), asked, contract.CodeWrongType},
		{"an unknown field", replaced(good, `"boot":{`, `"boot":{"x":1,`), asked, contract.CodeMalformed},
		{"another device", good, contract.Asked{Device: other, Request: request}, contract.CodeWrongDevice},
		{"another request", good, contract.Asked{Device: device, Request: contract.NewRequestID()}, contract.CodeWrongReply},
		{"another nonce", replaced(good, `"n-1"`, `"n-2"`), asked, contract.CodeWrongReply},
		{"no version", replaced(good, `"v0.1.0"`, `""`), asked, contract.CodeMalformed},
		{"a long fact", replaced(good, `"b7a0"`, `"`+strings.Repeat("b", 129)+`"`), asked, contract.CodeMalformed},
		{"oversize", replaced(good, `"b7a0"`, `"`+strings.Repeat("b", contract.MaxReply)+`"`), asked, contract.CodeOversize},
		{"an error of another device", failed, contract.Asked{Device: other, Request: request}, contract.CodeWrongDevice},
		{"an error of another request", failed, contract.Asked{Device: device, Request: contract.NewRequestID()}, contract.CodeWrongReply},
		{"an error of an unknown kind", replaced(failed, `"refused"`, `"odd"`), asked, contract.CodeMalformed},
		{"an error with a code that is a sentence", replaced(failed, "unknown-verb", "Oh no!"), asked, contract.CodeMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := contract.DecodePingReply(c.data, c.to, "n-1")
			var refused *contract.Refusal
			if !errors.As(err, &refused) || refused.Code != c.code {
				t.Fatalf("got %v, want a refusal with code %s", err, c.code)
			}
		})
	}
}

func TestErrorReplyCutsLongMessagesAtACharacter(t *testing.T) {
	long := errorReply()
	long.Message = strings.Repeat("é", 1000) + "\xff"
	_, err := contract.DecodePingReply(must(long.Encode()), asked, "n-1")
	var reply *contract.ErrorReply
	if !errors.As(err, &reply) || reply.Message != strings.Repeat("é", 512) {
		t.Errorf("got %v", err)
	}
}

func TestHeartbeatIsRefused(t *testing.T) {
	good := must(contract.Heartbeat{Instance: instance, Sequence: 1}.Encode())
	for name, data := range map[string][]byte{
		"nothing": nil, "no sequence": replaced(good, `"seq":1`, `"seq":0`), "negative": replaced(good, `"seq":1`, `"seq":-1`),
		"another version": replaced(good, `"v":1`, `"v":2`), "no instance": replaced(good, instance.String(), ""),
		"oversize": replaced(good, "{", "{"+strings.Repeat(" ", contract.MaxHeartbeat)),
	} {
		if _, err := contract.DecodeHeartbeat(data); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	longest := must(contract.Heartbeat{Instance: instance, Sequence: 1<<64 - 1}.Encode())
	if len(longest) > contract.MaxHeartbeat-27 {
		t.Errorf("a heartbeat has up to %d bytes; a 64-bit hash of the state would not fit", len(longest))
	}
}

// What a device says of itself is shown at terminals.
func TestAnInventoryThatWouldMoveTheCursorIsRefused(t *testing.T) {
	good := must(info().Encode())
	if _, err := contract.DecodeInfo(good, device); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"a hostname": replaced(good, `"press"`, `"press\u001b[2J"`), "a version": replaced(good, `"v0.1.0"`, `"v\n0.1.0"`),
		"a disk": replaced(good, `"path":"`, `"path":"\u009b`),
	} {
		if _, err := contract.DecodeInfo(data, device); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
