// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/localkube/internal/cluster"
	"nationtech.io/harmony/localkube/internal/fault"
)

func TestWrongUsageIsCodeTwo(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for _, line := range []string{
		"nonsense", "up --nonsense", "up --nodes x", "up argument", "up --name Not_A_Label", "up --nodes 17",
		"status --output xml", "logs", "logs nonsense", "image load", "image trust nonsense", "image trust :5000", "node stop", "down --name ../..",
	} {
		var stdout, stderr bytes.Buffer
		if code := Main(strings.Fields(line), &stdout, &stderr); code != 2 {
			t.Errorf("%q: code %d, want 2: %s%s", line, code, &stdout, &stderr)
		}
		if !strings.HasPrefix(stderr.String(), "error: ") {
			t.Errorf("%q says %q", line, &stderr)
		}
	}
}

func TestWhatIsAbsentIsToldToPrograms(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for _, line := range []string{"status", "stop", "kubeconfig", "logs kubelet", "image list", "node start x"} {
		var stdout, stderr bytes.Buffer
		code := Main(append(strings.Fields(line), "--output", "json"), &stdout, &stderr)
		var got struct{ Event, Kind, Message string }
		if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
			t.Errorf("%q: %v: %s", line, err, &stdout)
		}
		if code != 1 || got.Event != "error" || got.Kind != "absent" || got.Message == "" || stderr.Len() > 0 {
			t.Errorf("%q: code %d, %+v, stderr %q", line, code, got, &stderr)
		}
	}
}

func TestWrongUsageIsToldToPrograms(t *testing.T) {
	for _, line := range []string{"nonsense --output json", "up --nonsense -o json", "status --output=json argument"} {
		var stdout, stderr bytes.Buffer
		code := Main(strings.Fields(line), &stdout, &stderr)
		if code != 2 || !strings.HasPrefix(stdout.String(), `{"event":"error","kind":"usage"`) || stderr.Len() > 0 {
			t.Errorf("%q: code %d, stdout %q, stderr %q", line, code, &stdout, &stderr)
		}
	}
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	a := &app{out: newPrinter(&bytes.Buffer{}, &bytes.Buffer{})}
	root := a.root()
	commands := append(root.Commands(), root)
	for _, c := range root.Commands() {
		commands = append(commands, c.Commands()...)
	}
	for _, c := range commands {
		if c.Short == "" || c.Example == "" {
			t.Errorf("%s has no short text or no example", c.CommandPath())
		}
	}
}

func TestNameInFrontOfKubectlArguments(t *testing.T) {
	for _, test := range []struct{ line, name, rest string }{
		{"get pods -n x", "harmony", "get pods -n x"},
		{"--name big get pods", "big", "get pods"},
		{"--name=big get pods", "big", "get pods"},
		{"get pods --name big", "harmony", "get pods --name big"},
		{"", "harmony", ""},
	} {
		name, rest := splitName("harmony", strings.Fields(test.line))
		if name != test.name || strings.Join(rest, " ") != test.rest {
			t.Errorf("%q: %q %q", test.line, name, rest)
		}
	}
}

func TestErrorsForProgramsHaveEverything(t *testing.T) {
	var stdout bytes.Buffer
	p := newPrinter(&stdout, &bytes.Buffer{})
	p.json = true
	f := fault.Wrap(fault.Prerequisite, fault.New(fault.Failed, "cause"), "message")
	f.Missing = []fault.Missing{{What: "nft", Why: "why", Help: "apt-get install nftables"}}
	f.Log = []string{"last line"}
	p.fail(f)
	want := `{"event":"error","kind":"prerequisite","log":["last line"],"message":"message: cause","missing":[{"what":"nft","why":"why","help":"apt-get install nftables"}]}` + "\n"
	if stdout.String() != want {
		t.Errorf("got %swant %s", &stdout, want)
	}
}

func TestQuickStepsOfABuildAreLeftOut(t *testing.T) {
	var stdout bytes.Buffer
	p := newPrinter(&stdout, &bytes.Buffer{})
	p.json = true
	p.begin = time.Now()
	for done := range 1000 {
		p.progress(cluster.Event{Step: "build", Message: "engine", Done: done, Total: 1000})
	}
	p.progress(cluster.Event{Step: "build", Message: "engine", Done: 1000, Total: 1000})
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if len(lines) > 20 || !strings.Contains(lines[0], `"done":0`) || !strings.Contains(lines[len(lines)-1], `"done":1000`) {
		t.Errorf("%d lines, first %s, last %s", len(lines), lines[0], lines[len(lines)-1])
	}
}
