// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"errors"
	"testing"

	"nationtech.io/harmony/fleet/contract"
)

// hostile is what a device may put where its people read a message: as JSON, and as it may reach them.
const hostile, harmless = `a\u001b[2J\nnext b\u202e\u0000c`, "a?[2J next b??c"

func TestWhatADeviceSaysIsALineForPeople(t *testing.T) {
	is := state()
	is.Workloads[0].Message, is.Findings[0].Message = "MESSAGE", "MESSAGE"
	said, err := contract.DecodeState(as(must(is.Encode())), device)
	if err != nil || said.Workloads[0].Message != harmless || said.Findings[0].Message != harmless {
		t.Errorf("a report: %+v, %v", said, err)
	}
	answer := errorReply()
	answer.Message = "MESSAGE"
	var refused *contract.ErrorReply
	if _, err := contract.DecodeDoneReply(as(must(answer.Encode())), asked); !errors.As(err, &refused) || refused.Message != harmless {
		t.Errorf("an answer: %v", err)
	}
	inspect := contract.InspectReply{Device: device, Request: request, Workload: is.Workloads[0]}
	if got, err := contract.DecodeInspectReply(as(must(inspect.Encode())), asked); err != nil || got.Workload.Message != harmless {
		t.Errorf("what it inspects: %+v, %v", got, err)
	}
}

func TestAnAgentSendsMessagesAsTheyAreRead(t *testing.T) {
	is := state()
	is.Workloads[0].Message = "Error: no such image\n\tregistry.test/a:1\xff\n"
	said, err := contract.DecodeState(must(is.Encode()), device)
	if want := "Error: no such image  registry.test/a:1? "; err != nil || said.Workloads[0].Message != want {
		t.Errorf("%q, %v, want %q", said.Workloads[0].Message, err, want)
	}
}

func TestFactsThatCannotBePrintedAreRefused(t *testing.T) {
	is := state()
	is.AgentVersion = "v1\x1b[2J"
	if _, err := is.Encode(); err == nil {
		t.Error("a version that clears the screen is accepted in a report")
	}
	inspect := contract.InspectReply{
		Device: device, Request: request, Workload: state().Workloads[0],
		Containers: []contract.ContainerState{{Name: "web", Image: "i/i:1", State: "running\n", Started: moment}},
	}
	if _, err := inspect.Encode(); err == nil {
		t.Error("a container's state of two lines is accepted")
	}
}

// as gives the message with what is hostile in place of MESSAGE.
func as(data []byte) []byte { return bytes.ReplaceAll(data, []byte("MESSAGE"), []byte(hostile)) }
