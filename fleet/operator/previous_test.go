// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

// previous has what an agent of the release before and this operator say to each other; its README says how it came there.
const previous = "testdata/previous"

var update = flag.Bool("update", false, "write anew what an agent of the previous release is to be told")

// A dialogue is what this operator says: the same bytes each time.
type dialogue struct {
	device contract.DeviceID
	plane  contract.PlaneID
	told   map[string][]byte // by file
}

// manifests are those that it writes, and their orders.
var manifests = map[string]plane.Order{
	"manifest.json": {Epoch: 1, Term: 2, Number: 3}, "manifest-adopts.json": {Epoch: 2, Term: 3, Number: 1},
}

func speak(t *testing.T) *dialogue {
	t.Helper()
	d := &dialogue{device: deviceID(t, "press-07"), told: map[string][]byte{}}
	err := d.plane.UnmarshalText([]byte("3f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a35"))
	digest, body, odd := content(score(`{"services":[{"name":"web","image":"registry.invalid/web:1","env":[{"name":"A","value":"b"}],"ports":[{"host":8080,"container":80}]}]}`))
	if err = errors.Join(err, odd); err != nil {
		t.Fatal(err)
	}
	d.told["release.json"] = body
	d.manifest(t, "manifest.json", plane.Write{Entries: []plane.Entry{
		{Namespace: "shop", Name: "gone", UID: "00000003-1111-4222-8333-444455556666", Generation: 4, Digest: digest, Absent: true},
		{Namespace: "shop", Name: "later", UID: "00000002-1111-4222-8333-444455556666", Generation: 4, Digest: digest},
		{Namespace: "shop", Name: "web", UID: "00000001-1111-4222-8333-444455556666", Generation: 4, Digest: digest},
	}})
	d.manifest(t, "manifest-adopts.json", plane.Write{Adopts: "5f0c3f6e-7a56-4d0c-9d8b-0c8f6b0f3c11", Entries: []plane.Entry{}})
	target := contract.Target{Service: "web"}
	if err := target.UID.UnmarshalText([]byte("00000001-1111-4222-8333-444455556666")); err != nil {
		t.Fatal(err)
	}
	for verb, args := range map[contract.Verb]interface {
		Encode() (json.RawMessage, error)
	}{
		contract.VerbPing: contract.PingArgs{Nonce: "n-1"}, contract.VerbRestart: target, contract.VerbInspect: target,
		contract.VerbLogs: contract.LogsArgs{Target: target, Tail: 5}, contract.VerbExec: contract.ExecArgs{Target: target, Argv: []string{"/true"}},
	} {
		encoded, err := args.Encode()
		if err != nil {
			t.Fatal(err)
		}
		d.command(t, verb, encoded)
	}
	d.command(t, contract.VerbResync, contract.NoArgs())
	return d
}

func (d *dialogue) manifest(t *testing.T, file string, w plane.Write) {
	t.Helper()
	w.Order = manifests[file]
	data, err := encode(d.plane, d.device, w)
	if err != nil {
		t.Fatal(err)
	}
	d.told[file] = data
}

func (d *dialogue) command(t *testing.T, verb contract.Verb, args json.RawMessage) {
	t.Helper()
	data, err := contract.Command{
		Verb: verb, Plane: d.plane, Device: d.device, Request: requestOf(t, verb), Deadline: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), Caller: "ada", Args: args,
	}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	d.told["command-"+string(verb)+".json"] = data
}

// requestOf is another one for each verb: an agent answers a request once.
func requestOf(t *testing.T, verb contract.Verb) contract.RequestID {
	t.Helper()
	id, err := contract.ParseRequestID(fmt.Sprintf("%032x", string(verb)))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What is here was read by an agent of the previous release, which was strict. If it changes, record anew: that agent must go
// on obeying, or the type of the message gets another version.
func TestThisOperatorSaysWhatAPreviousAgentHasRead(t *testing.T) {
	for file, data := range speak(t).told {
		name := filepath.Join(previous, "told", file)
		if *update {
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(name); err != nil || !bytes.Equal(want, data) {
			t.Errorf("%s: %v\nwas read: %s\nis said:  %s", file, err, want, data)
		}
	}
}

// A message is one that the agent has sent.
type message struct {
	Subject string `json:"subject"`
	Data    []byte `json:"data"`
}

func said(t *testing.T) (all []message) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(previous, "said.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func TestThisOperatorUnderstandsAPreviousAgent(t *testing.T) {
	d := speak(t)
	o := &operator{log: slog.New(slog.DiscardHandler), state: plane.New(), contents: newContents(), infos: newInfos()}
	o.metrics = newMetrics(o)
	o.state.SetDevice(d.device.String(), nil, time.Now())
	r := &told{reign: &reign{operator: o, plane: d.plane, asked: newPaced()}}
	heard, replies := map[string]int{}, map[contract.Verb]bool{}
	seen := map[string]bool{} // manifests that were obeyed, phases and findings
	for _, m := range said(t) {
		r.asked = newPaced() // it has not said all of it in a second
		kind := strings.Split(m.Subject, ".")[1]
		heard[kind]++
		switch kind {
		case "state":
			r.State(d.device, m.Data)
			d.report(t, m.Data, seen)
		case "info":
			r.Info(d.device, m.Data)
		case "heartbeat":
			beat, err := contract.DecodeHeartbeat(m.Data)
			if err != nil {
				t.Errorf("%s: %v", m.Data, err)
			}
			r.state.Heartbeat(d.device.String(), beat.Instance.String(), beat.State, time.Now())
			if r.accept(d.device, kind) {
				r.understood(d.device, kind, nil)
			}
		case "fetch":
			_, digest, _ := strings.Cut(m.Subject, ".body.")
			r.Fetch(d.device, digest)
		case "reply":
			d.answer(t, m, replies)
		}
	}
	for _, kind := range []string{"state", "info", "heartbeat", "fetch"} {
		if n := r.messages(t, kind, "accepted"); heard[kind] == 0 || int(n) != heard[kind] {
			t.Errorf("%s: %v of %d are accepted", kind, n, heard[kind])
		}
	}
	for _, what := range []string{
		"manifest.json", "manifest-adopts.json", "Pending", "Pulling", "Starting", "Running", "Degraded", "Failed", "Removing", "Unlisted", "Ahead",
		string(contract.FindingStale), string(contract.FindingPlane),
	} {
		if !seen[what] {
			t.Errorf("the reports do not tell of %s", what)
		}
	}
	if len(replies) != 6 {
		t.Errorf("replies %v", replies)
	}
	if is := o.infos.unwritten(d.device.String()); is == nil || is.agentVersion == "" || is.os == "" || is.arch == "" {
		t.Errorf("%+v", is)
	}
}

// report reads a report, and notes what it tells of.
func (d *dialogue) report(t *testing.T, data []byte, seen map[string]bool) {
	t.Helper()
	report, err := decodeState(data, d.device, d.plane)
	if err != nil {
		t.Errorf("%s: %v", data, err)
	}
	for _, w := range report.Workloads {
		seen[string(w.Phase)] = true
	}
	for _, f := range report.Findings {
		seen[f.Kind] = true
	}
	for file, order := range manifests {
		if report.Order == order && report.Manifest == contract.DigestOf(d.told[file]) {
			seen[file] = true
		}
	}
}

// answer reads a reply as whoever has asked does.
func (d *dialogue) answer(t *testing.T, m message, replies map[contract.Verb]bool) {
	t.Helper()
	var request contract.RequestID
	if err := request.UnmarshalText([]byte(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:])); err != nil {
		t.Fatal(err)
	}
	asked := contract.Asked{Device: d.device, Request: request}
	for verb, decode := range map[contract.Verb]func() error{
		contract.VerbPing:    func() error { _, err := contract.DecodePingReply(m.Data, asked, "n-1"); return err },
		contract.VerbResync:  func() error { _, err := contract.DecodeDoneReply(m.Data, asked); return err },
		contract.VerbRestart: func() error { _, err := contract.DecodeDoneReply(m.Data, asked); return err },
		contract.VerbInspect: func() error { _, err := contract.DecodeInspectReply(m.Data, asked); return err },
		contract.VerbLogs:    func() error { _, err := contract.DecodeLogsReply(m.Data, asked); return err },
		contract.VerbExec:    func() error { _, err := contract.DecodeExecReply(m.Data, asked); return err },
	} {
		if requestOf(t, verb) != request {
			continue
		}
		var no *contract.ErrorReply
		if err := decode(); err != nil && !errors.As(err, &no) {
			t.Errorf("the reply to %s: %v", verb, err)
		}
		replies[verb] = true
	}
}
