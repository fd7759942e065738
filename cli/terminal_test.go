// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// terminalVariable makes this test the program that runs on the terminal.
const terminalVariable = "HARMONY_CLI_TEST_TERMINAL"

// onTerminal runs a deploy on a real pseudo-terminal of that many columns, and gives all that was written to it.
func onTerminal(t *testing.T, columns int, env ...string) string {
	t.Helper()
	if _, err := exec.LookPath("script"); err != nil {
		t.Skip("script, of util-linux, makes the terminal: ", err)
	}
	command := fmt.Sprintf("stty cols %d rows 20; exec %s -test.run='^%s$'", columns, os.Args[0], "TestARealTerminalShowsTheTreeAndKeepsWhatHappened")
	cmd := exec.CommandContext(t.Context(), "script", "--quiet", "--return", "--command", command, "/dev/null") //nolint:gosec // this test
	cmd.Env = append(append(os.Environ(), terminalVariable+"=1", "TERM=xterm", "LC_ALL=C.UTF-8", "NO_COLOR="), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func deployOnTerminal() int {
	p := piece{name: "x", make: func(ctx context.Context) (harmony.Outcome, error) {
		event.Emit(ctx, event.Waiting{For: "Deployment/x", Saw: "Pod/x-0: pulling image", Below: []string{"Pod/x-0"}, Reason: "pulling image"})
		if err := wait.Sleep(ctx, 5*redraw); err != nil {
			return harmony.Outcome{}, err
		}
		event.Emit(ctx, event.Changed{Action: "created", Object: "Deployment/x"})
		return harmony.Outcome{Changes: []harmony.Change{{Action: harmony.Created, Object: "Deployment/x"}}}, nil
	}}
	return appOf(p).Main([]string{"x", "--topology", "bench"}, Streams{Out: os.Stdout, Err: os.Stderr})
}

func TestARealTerminalShowsTheTreeAndKeepsWhatHappened(t *testing.T) {
	if os.Getenv(terminalVariable) != "" {
		os.Exit(deployOnTerminal())
	}
	for name, c := range map[string]struct {
		columns     int
		env         []string
		tree, color bool
	}{
		"a terminal":          {80, nil, true, true},
		"a narrow one":        {40, nil, true, true},
		"one without colours": {80, []string{"NO_COLOR=1"}, true, false},
		"a dumb one":          {80, []string{"TERM=dumb"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := onTerminal(t, c.columns, c.env...)
			if strings.Contains(out, "\x1b[J") != c.tree || strings.Contains(out, "\x1b[36m") != c.color {
				t.Errorf("a tree: %t, colours: %t\n%q", strings.Contains(out, "\x1b[J"), strings.Contains(out, "\x1b[36m"), out)
			}
			if !strings.Contains(out, "Pod/x-0: pulling image") || strings.Contains(out, "⠹") != c.tree {
				t.Errorf("the wait is not shown as it should be:\n%q", out)
			}
			s := &screen{width: c.columns}
			s.WriteString(strings.NewReplacer("\x1b[36m", "", "\x1b[0m", "").Replace(out))
			left := strings.Join(s.rows(t), "\n")
			for _, want := range []string{"created Deployment/x", "✓ done after", "1 deployed, smoke tests passed"} {
				if !strings.Contains(strings.ReplaceAll(left, "\n", ""), want) {
					t.Errorf("%q is not left:\n%s", want, left)
				}
			}
			if strings.Contains(left, "⠹") {
				t.Errorf("a part of the tree is left:\n%s", left)
			}
		})
	}
}
