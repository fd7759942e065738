// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"errors"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"nationtech.io/harmony/fleet/contract"
	"pgregory.net/rapid"
)

func times() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMilli(rapid.Int64Range(0, 200_000_000_000_000).Draw(t, "ms")).UTC()
	})
}

func devices() *rapid.Generator[contract.DeviceID] {
	return rapid.Custom(func(t *rapid.T) contract.DeviceID {
		return must(contract.ParseDeviceID(rapid.StringMatching("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?").Draw(t, "device")))
	})
}

func facts() *rapid.Generator[string] { return printable(0, 32, 128) }

func printable(least, most, size int) *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune(" "), unicode.Letter, unicode.Number, unicode.Punct, unicode.Symbol), least, most, size)
}

func TestCommandRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := contract.Command{
			Verb: "ping", Plane: contract.NewPlaneID(), Device: devices().Draw(t, "device"), Request: contract.NewRequestID(),
			Deadline: times().Draw(t, "deadline"), Caller: rapid.StringN(1, 64, 256).Draw(t, "caller"), Args: []byte(`{"nonce":"a<b"}`),
		}
		by := contract.Receiver{Device: want.Device, Plane: want.Plane, Now: want.Deadline.Add(-time.Millisecond)}
		got, err := contract.DecodeCommand(must(want.Encode()), "ping", by)
		if diff := cmp.Diff(want, got, exact); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
	})
}

func TestPingReplyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := contract.PingReply{
			Device: devices().Draw(t, "device"), Request: contract.NewRequestID(), Nonce: rapid.StringMatching("[A-Za-z0-9_-]{1,64}").Draw(t, "nonce"),
			AgentVersion: printable(1, 32, 128).Draw(t, "version"), Instance: contract.NewInstanceID(), StartedAt: times().Draw(t, "started"),
			PodUID: facts().Draw(t, "pod"),
			Boot:   contract.Boot{ID: facts().Draw(t, "id"), Kernel: facts().Draw(t, "kernel"), OS: facts().Draw(t, "os"), Arch: facts().Draw(t, "arch")},
		}
		got, err := contract.DecodePingReply(must(want.Encode()), contract.Asked{Device: want.Device, Request: want.Request}, want.Nonce)
		if diff := cmp.Diff(want, got, exact); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
	})
}

func TestErrorReplyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := contract.ErrorReply{
			Device: devices().Draw(t, "device"), Request: contract.NewRequestID(), Code: contract.Code(rapid.StringMatching("[a-z0-9-]{1,40}").Draw(t, "code")),
			Kind:    rapid.SampledFrom([]contract.ErrorKind{contract.KindRefused, contract.KindDenied, contract.KindUnavailable, contract.KindFailed, contract.KindInternal}).Draw(t, "kind"),
			Message: printable(1, 256, 1024).Draw(t, "message"),
		}
		_, err := contract.DecodePingReply(must(want.Encode()), contract.Asked{Device: want.Device, Request: want.Request}, "n")
		var got *contract.ErrorReply
		if !errors.As(err, &got) || *got != want {
			t.Fatal(err)
		}
	})
}

func TestHeartbeatRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := contract.Heartbeat{Instance: contract.NewInstanceID(), Sequence: rapid.Uint64Min(1).Draw(t, "seq")}
		got, err := contract.DecodeHeartbeat(must(want.Encode()))
		if err != nil || got != want {
			t.Fatal(got, err)
		}
	})
}

// What a decoder accepts, its encoder writes again, and it means the same.
func FuzzDecodeCommand(f *testing.F) {
	for _, seed := range [][]byte{must(ping().Encode()), {}, []byte("{}"), []byte(`{"type":"command/ping/1","args":{"a":[1,{"b":2}]}}`)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := contract.DecodeCommand(data, "ping", receiver)
		if err != nil {
			refused(t, err)
			return
		}
		again, err := contract.DecodeCommand(must(got.Encode()), "ping", receiver)
		if err != nil || again.Request != got.Request || !again.Deadline.Equal(got.Deadline.Truncate(time.Millisecond)) {
			t.Fatalf("%q became %v, %v", data, again, err)
		}
	})
}

func FuzzDecodePingArgs(f *testing.F) {
	f.Add([]byte(`{"nonce":"n-1"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := contract.DecodePingArgs(data); err != nil {
			refused(t, err)
		} else if len(got.Nonce) == 0 {
			t.Fatal("no nonce")
		}
	})
}

func FuzzDecodePingReply(f *testing.F) {
	for _, seed := range [][]byte{must(pingReply().Encode()), must(errorReply().Encode()), []byte(`{"type":"reply/ping/1"}`), []byte("[]")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := contract.DecodePingReply(data, asked, "n-1")
		var failed *contract.ErrorReply
		switch {
		case errors.As(err, &failed):
			must(failed.Encode())
		case err != nil:
			refused(t, err)
		default:
			must(got.Encode())
		}
	})
}

func FuzzDecodeHeartbeat(f *testing.F) {
	f.Add(must(contract.Heartbeat{Instance: instance, Sequence: 7}.Encode()))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := contract.DecodeHeartbeat(data)
		if err != nil {
			refused(t, err)
			return
		}
		if again := must(contract.DecodeHeartbeat(must(got.Encode()))); again != got {
			t.Fatal(again, got)
		}
	})
}

func FuzzParseDeviceID(f *testing.F) {
	f.Add("press-07")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := contract.ParseDeviceID(text)
		if err == nil && (id.String() != text || bytes.ContainsAny([]byte(text), ".*> $\t\r\n")) {
			t.Fatalf("%q is no token of a subject", text)
		}
	})
}

func refused(t *testing.T, err error) {
	t.Helper()
	var r *contract.Refusal
	if !errors.As(err, &r) || r.Code == "" || r.Detail == "" {
		t.Fatalf("%v is no refusal with code and detail", err)
	}
}
