// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/house"
)

// programs builds those that the documentation tells people to run.
func programs(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	var all sync.WaitGroup
	for _, module := range []string{".", "localkube"} {
		all.Go(func() {
			build := exec.CommandContext(t.Context(), "go", "build", "-o", dir+"/", "./cmd/...")
			if module == "localkube" {
				build.Args[len(build.Args)-1] = "./cmd/localkube"
			}
			build.Dir = filepath.Join(tree.Root, module)
			if out, err := build.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	all.Wait()
	return dir
}

func TestCommandLinesOfTheDocumentationAreAccepted(t *testing.T) {
	commands, err := tree.Commands()
	if err != nil || len(commands) < 20 {
		t.Fatalf("%d commands, %v", len(commands), err)
	}
	bin := programs(t)
	for _, c := range commands {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			check(t, bin, c)
		})
	}
}

func check(t *testing.T, bin string, c house.Command) {
	switch program := c.Args[0]; {
	case program == "make":
		run(t, "", 0, "make", append([]string{"-C", tree.Root, "-n"}, c.Args[1:]...)...)
	case program == "localkube" && slices.Contains(c.Args, "kubectl"):
		// What follows is kubectl's, which is not built here.
	case endsBeforeAPlace(c):
		same(t, run(t, bin, wantsExit(c), program, c.Args[1:]...), c.Output)
	case strings.HasPrefix(program, "harmony-") || program == "localkube":
		usage(t, run(t, bin, 0, program, append(c.Args[1:], "--help")...), c.Args)
	default:
		t.Errorf("%s is no program of ours: use a block of another language than console", program)
	}
}

var code = regexp.MustCompile(`^error\[(HRM\d{4})\]`)

// shown is the code of the error that the block shows, if it shows one.
func shown(c house.Command) diag.Code {
	for _, line := range c.Output {
		if m := code.FindStringSubmatch(line); m != nil {
			return diag.Code(m[1])
		}
	}
	return ""
}

// endsBeforeAPlace tells of commands that can be run for real without any place.
func endsBeforeAPlace(c house.Command) bool {
	early := []diag.Code{diag.UnknownComponent, diag.UnknownTopology, diag.BadFlag, diag.UnknownCode, diag.BadKubeconfig}
	asks := len(c.Args) > 1 && slices.Contains([]string{"list", "explain"}, c.Args[1]) && strings.HasPrefix(c.Args[0], "harmony-")
	return asks || slices.Contains(early, shown(c))
}

func wantsExit(c house.Command) int {
	switch shown(c) {
	case "":
		return 0
	case diag.BadKubeconfig:
		return 3
	}
	return 2
}

// run runs a program and gives all that it says.
func run(t *testing.T, bin string, exit int, program string, args ...string) string {
	t.Helper()
	if bin != "" {
		program = filepath.Join(bin, program)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "KUBECONFIG=")
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != exit {
		t.Fatalf("exit code %d, want %d (%v)\n%s", got, exit, err, out)
	}
	return string(out)
}

// same asks for every line that the block shows.
func same(t *testing.T, said string, lines []string) {
	t.Helper()
	for _, line := range lines {
		if line != "" && line != "…" && !strings.Contains(said, line) {
			t.Errorf("it does not say %q but\n%s", line, said)
		}
	}
}

// usage asks that the help which came is that of the command: a command that does not exist gets the help of the
// one above it. Flags that do not exist have failed already.
func usage(t *testing.T, help string, args []string) {
	t.Helper()
	_, line, _ := strings.Cut(help, "Usage:\n")
	line, _, _ = strings.Cut(line, "\n")
	have := strings.Fields(line)
	for i, word := range args {
		if strings.HasPrefix(word, "-") {
			return
		}
		if i >= len(have) || have[i] != word && strings.ToLower(have[i]) == have[i] {
			t.Fatalf("%q is not understood; its help is that of %q", strings.Join(args, " "), line)
		}
	}
}
