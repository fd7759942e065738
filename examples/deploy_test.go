// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package examples_test

import (
	"path/filepath"
	"strings"
	"testing"

	"nationtech.io/harmony/internal/needs"
)

func TestTheGuestbookIsDeployedFromOutside(t *testing.T) {
	needs.Local(t)
	m := abroad(t, guestbook)
	t.Log(m.run(t, "go", "test", "-count=1", "-timeout=25m", "./..."))
}

// A visitor of the guide types these commands.
func TestTheGuestbooksCommandLineDeploysVerifiesAndRemoves(t *testing.T) {
	needs.Local(t)
	m := abroad(t, guestbook)
	m.run(t, "go", "build", "-o", "bin/", "./cmd/guestbook-deploy")
	place := []string{"--topology", "local", "--cluster", needs.Name(), "--namespace", "guestbook-abroad"}
	deploy := func(args ...string) string {
		return m.run(t, filepath.Join(m.dir, "bin/guestbook-deploy"), append(args, place...)...)
	}
	t.Cleanup(func() {
		if said := deploy("remove", guestbook, "--purge"); !strings.Contains(said, "4 removed") {
			t.Errorf("it does not say what was removed:\n%s", said)
		}
	})
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{guestbook, "--timeout", "20m"}, "4 deployed, smoke tests passed"}, // with images to build
		{[]string{guestbook}, "4 as wanted, nothing to change"},
		{[]string{"verify"}, "4 verified, smoke tests passed"},
	} {
		if said := deploy(c.args...); !strings.Contains(said, c.says) {
			t.Errorf("%v does not say %q:\n%s", c.args, c.says, said)
		}
	}
}
