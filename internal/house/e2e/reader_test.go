// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/internal/house"
	"nationtech.io/harmony/internal/needs"
)

// aCommand is how long one may take: the first builds images, for other machines too, from an empty build cache.
const aCommand = 15 * time.Minute

// A reader types what pages say, in a directory of the checkout, with the programs that make build builds. Local
// clusters of this reader have a state directory of their own, so that they are not those of anyone else, whatever
// they are called.
type reader struct {
	bin, dir, state string
}

func newReader(t *testing.T) *reader {
	t.Helper()
	bin, err := filepath.Abs(filepath.Join(tree.Root, "bin"))
	check(t, err)
	cache, err := os.UserCacheDir()
	check(t, err)
	r := &reader{bin: bin, dir: bin, state: filepath.Join(cache, "harmony", "pages", needs.Name())}
	for module, packages := range map[string]string{".": "./cmd/...", "localkube": "./cmd/localkube"} {
		build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin+"/", packages)
		build.Dir, build.Env = filepath.Join(tree.Root, module), append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	t.Cleanup(func() { r.down(t) })
	return r
}

// begin gives a page an empty directory, the files that it tells people to write, and an empty cluster.
func (r *reader) begin(t *testing.T, first house.Command) {
	t.Helper()
	dir, err := os.MkdirTemp(r.bin, "page-")
	check(t, err)
	r.down(t)
	r.dir = dir
	t.Cleanup(func() {
		r.dir = r.bin
		_ = os.RemoveAll(dir) // in ./bin, which is nobody's
	})
	if slices.Equal(first.Args, []string{"localkube", "up"}) {
		return
	}
	if said, code := r.run(t, "localkube", "up"); code != 0 {
		t.Fatalf("no cluster: exit code %d\n%s", code, said)
	}
}

func (r *reader) down(t *testing.T) {
	t.Helper()
	if said, code := r.run(t, "localkube", "down", "--all"); code != 0 {
		t.Errorf("the clusters cannot be taken down: exit code %d\n%s", code, said)
	}
}

// follow types one command line and looks at what it says. It ends well, if the page does not show its error.
func (r *reader) follow(t *testing.T, c house.Command) {
	t.Helper()
	for name, text := range c.Files {
		check(t, os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600))
	}
	began := time.Now()
	said, code := r.run(t, c.Args[0], c.Args[1:]...)
	t.Logf("%-6s %s", time.Since(began).Round(100*time.Millisecond), c)
	_, fails := c.Fails()
	switch unsaid := c.Unsaid(said); {
	case fails != (code != 0 && !differs(c, code)):
		t.Errorf("%s\nexit code %d, and the page shows %q\n%s", c, code, c.Output, said)
	case len(unsaid) > 0:
		t.Errorf("%s\nit does not say what the page shows:\n%s\nbut\n%s", c, strings.Join(unsaid, "\n"), said)
	}
}

// differs tells that a plan has found something to change, or drift: that is no failure.
func differs(c house.Command, code int) bool {
	return code == cli.ExitDiffers && len(c.Args) > 1 && (c.Args[1] == "plan" || c.Args[1] == "drift")
}

// run runs a program as the reader has it and gives all that it says.
func (r *reader) run(t *testing.T, program string, args ...string) (said string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), aCommand)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(r.bin, program), args...)
	cmd.Dir, cmd.Cancel = r.dir, func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	root, err := filepath.Abs(tree.Root)
	check(t, err)
	cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "NO_COLOR=1", "XDG_STATE_HOME="+r.state,
		"KUBECONFIG="+filepath.Join(r.state, "harmony", "localkube", "harmony", "kubeconfig"),
		"HARMONY_LOCALKUBE="+filepath.Join(r.bin, "localkube"), "LOCALKUBE_SOURCE="+filepath.Join(root, "localkube"))
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
