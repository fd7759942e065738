// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"nationtech.io/harmony"
)

const (
	// dieVariable tells a process that it was made to deploy and to be killed, and when.
	dieVariable = "HARMONY_SCORETEST_DIE_AT"
	childLimit  = "15m"
	survived    = 3 // its exit code when it was not killed
)

// doomed tells whether this process was made to be killed, and when.
func doomed() (moment, bool) { return parseMoment(os.Getenv(dieVariable)) }

// kill deploys in a process that is killed on the way, and deploys again: once where nothing is, not even data or
// a namespace, then after removals.
func (c *conformance) kill(t *testing.T) {
	moments := c.moments(t)
	m := moment{change, min(2, c.first[change])}
	t.Run("from nothing, "+m.String(), func(t *testing.T) {
		c.up(t)
		c.bare(t)
		c.survives(t, m)
		c.beset(t)
	})
	for _, m := range moments {
		t.Run(m.String(), func(t *testing.T) {
			c.up(t)
			c.down(t)
			c.survives(t, m)
		})
	}
}

// survives deploys, is killed, and asks that the next deploy does all that was left to do.
func (c *conformance) survives(t *testing.T, at moment) {
	t.Helper()
	c.killed(t, at)
	c.deploy(t)
	c.same(t)
	if saw := changes(c.deploy(t)); len(saw) > 0 {
		broken(t, "the deploy after a killed one leaves nothing to do", saw...)
	}
}

// killed runs this test in another process, which deploys and is killed at the moment.
func (c *conformance) killed(t *testing.T, at moment) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run="+alone(c.test), "-test.count=1", "-test.timeout="+childLimit)
	cmd.Env = append(os.Environ(), dieVariable+"="+at.String(), seedVariable+"="+seed())
	out, err := cmd.CombinedOutput()
	if t.Context().Err() != nil {
		t.Fatal(t.Context().Err())
	}
	if err == nil || cmd.ProcessState.Exited() {
		t.Fatalf("a deploy in a process of its own was to be killed at %s, and was not: %v\n%s", at, err, out)
	}
}

// alone is the pattern of one test, whatever its name.
func alone(test string) string {
	names := strings.Split(test, "/")
	for i, name := range names {
		names[i] = "^" + regexp.QuoteMeta(name) + "$"
	}
	return strings.Join(names, "/")
}

// die deploys and kills this process on the way. It does not return: what the test does after Conform, and
// its cleanup, are not for this process to do.
func die(t *testing.T, placement *harmony.Placement, at moment) {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		_, err = harmony.Run{Events: at.when(func() {
			_ = self.Kill() // if it cannot, the process lives, and that is told
			select {}
		})}.Deploy(t.Context(), placement)
	}
	fmt.Printf("the deploy of %s came to its end: %v\n", placement.Name(), err)
	os.Exit(survived)
}
