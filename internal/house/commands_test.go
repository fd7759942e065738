// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/house"
)

// programs builds those that the documentation tells people to run into ./bin, as make build does, so that what is
// built already is not linked again.
func programs(t *testing.T) (dir string) {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join(tree.Root, "bin"))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for module, packages := range map[string]string{".": "./cmd/...", "localkube": "./cmd/localkube"} {
		all.Go(func() {
			build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", dir+"/", packages)
			build.Dir, build.Env = filepath.Join(tree.Root, module), append(os.Environ(), "CGO_ENABLED=0")
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
		run(t, "", "", 0, "make", append([]string{"-C", tree.Root, "-n"}, c.Args[1:]...)...)
	case program == "localkube" && slices.Contains(c.Args, "kubectl"):
		// What follows is kubectl's, which is not built here.
	case endsBeforeAPlace(c):
		said := run(t, dirOf(t, c), bin, wantsExit(c), program, c.Args[1:]...)
		for _, line := range c.Unsaid(said) {
			t.Errorf("it does not say %q but\n%s", line, said)
		}
	case strings.HasPrefix(program, "harmony-") || program == "localkube":
		usage(t, run(t, "", bin, 0, program, append(c.Args[1:], "--help")...), c.Args)
	default:
		t.Errorf("%s is no program of ours: use a block of another language than console", program)
	}
}

// endsBeforeAPlace tells of commands that can be run for real without any place.
func endsBeforeAPlace(c house.Command) bool {
	early := []diag.Code{diag.UnknownComponent, diag.UnknownTopology, diag.UnknownFlag, diag.BadFlag, diag.UnknownCommand, diag.UnknownCode, diag.BadKubeconfig}
	asks := len(c.Args) > 1 && slices.Contains([]string{"list", "explain", "check"}, c.Args[1]) && strings.HasPrefix(c.Args[0], "harmony-")
	// An export whose images are named builds nothing and asks nobody.
	writes := len(c.Args) > 1 && c.Args[1] == "export" && slices.Contains(c.Args, "--image")
	code, _ := c.Fails()
	return asks || writes || slices.Contains(early, diag.Code(code))
}

func wantsExit(c house.Command) int {
	switch code, fails := c.Fails(); {
	case !fails:
		return 0
	case diag.Code(code) == diag.BadKubeconfig:
		return 3
	default:
		return 2
	}
}

// dirOf is a directory with the files that the page tells people to write.
func dirOf(t *testing.T, c house.Command) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range c.Files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// run runs a program and gives all that it says.
func run(t *testing.T, dir, bin string, exit int, program string, args ...string) string {
	t.Helper()
	if bin != "" {
		program = filepath.Join(bin, program)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "KUBECONFIG=")
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != exit {
		t.Fatalf("exit code %d, want %d (%v)\n%s", got, exit, err, out)
	}
	return string(out)
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
