// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"nationtech.io/harmony/fleet/contract"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	device   = must(contract.ParseDeviceID("press-07"))
	other    = must(contract.ParseDeviceID("oven-11"))
	plane    = must(contract.ParsePlaneID("3f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a35"))
	request  = must(contract.ParseRequestID("000102030405060708090a0b0c0d0e0f"))
	instance = must(contract.ParseInstanceID("0123456789abcdef"))
	moment   = time.Date(2026, 3, 1, 12, 30, 45, 678_000_000, time.UTC)
	receiver = contract.Receiver{Device: device, Plane: plane, Now: moment.Add(-time.Second)}
	asked    = contract.Asked{Device: device, Request: request}
)

func ping() contract.Command {
	return contract.Command{
		Verb: contract.VerbPing, Plane: plane, Device: device, Request: request, Deadline: moment,
		Caller: "ann@example.com", Args: must(contract.PingArgs{Nonce: "n-1"}.Encode()),
	}
}

func pingReply() contract.PingReply {
	return contract.PingReply{
		Device: device, Request: request, Nonce: "n-1", AgentVersion: "v0.1.0", Instance: instance, StartedAt: moment,
		PodUID: "6f1c1f5e-0000-4000-8000-000000000000",
		Boot:   contract.Boot{ID: "b7a0", Kernel: "6.1.0-28-amd64", OS: "linux", Arch: "amd64"},
	}
}

func errorReply() contract.ErrorReply {
	return contract.ErrorReply{
		Device: device, Request: request, Kind: contract.KindRefused, Code: contract.CodeUnknownVerb, Message: "this agent knows ping & <no> more",
	}
}

// The bytes below are what agents in the field and operators of another release read.
// A change of a golden file needs a new version in the type of its message.
func TestBytesOnTheWire(t *testing.T) {
	messages := map[string][]byte{
		"command-ping.json": must(ping().Encode()),
		"reply-ping.json":   must(pingReply().Encode()),
		"reply-error.json":  must(errorReply().Encode()),
		"heartbeat.json":    must(contract.Heartbeat{Instance: instance, Sequence: 42}.Encode()),
		"accounts.json":     must(json.MarshalIndent(contract.Accounts(), "", "  ")),
		"rights.json":       must(json.MarshalIndent(contract.DeviceRights(device), "", "  ")),
		"subjects.txt":      []byte(strings.Join(subjects(), "\n") + "\n"),
	}
	for name, got := range messages {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(must(os.ReadFile(path))), string(got)); diff != "" {
				t.Errorf("the bytes have changed (-golden +got):\n%s", diff)
			}
		})
	}
}

func subjects() []string {
	digest := strings.Repeat("ab", 32)
	return []string{
		contract.HeartbeatSubject(device), contract.StateSubject(device), contract.InfoSubject(device),
		contract.DesiredSubject(device), contract.CommandSubject(device, contract.VerbPing), contract.CommandSubjects(device),
		contract.ReplySubject(device, request), contract.FetchManifestSubject(device), contract.FetchBodySubject(device, digest),
		contract.AnswerManifestSubject(device), contract.AnswerBodySubject(device, digest),
	}
}

// The golden bytes are also read back: an encoder and a decoder that were wrong in the same way would agree with each other.
func TestGoldenBytesAreRead(t *testing.T) {
	read := func(name string) []byte { return must(os.ReadFile(filepath.Join("testdata", name))) }
	check := func(name string, got, want any, err error) {
		t.Helper()
		if diff := cmp.Diff(want, got, exact); err != nil || diff != "" {
			t.Errorf("%s: %v, diff %s", name, err, diff)
		}
	}
	command, err := contract.DecodeCommand(read("command-ping.json"), contract.VerbPing, receiver)
	check("command", command, ping(), err)
	args, err := contract.DecodePingArgs(command.Args)
	check("args", args, contract.PingArgs{Nonce: "n-1"}, err)
	reply, err := contract.DecodePingReply(read("reply-ping.json"), asked, "n-1")
	check("reply", reply, pingReply(), err)
	beat, err := contract.DecodeHeartbeat(read("heartbeat.json"))
	check("heartbeat", beat, contract.Heartbeat{Instance: instance, Sequence: 42}, err)
	_, err = contract.DecodePingReply(read("reply-error.json"), asked, "n-1")
	want := errorReply()
	check("error", err, &want, nil)
}

var exact = cmp.Exporter(func(t reflect.Type) bool { return strings.HasSuffix(t.Name(), "ID") })

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
