// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package needs

import (
	"os"
	"os/exec"
	"testing"

	"nationtech.io/harmony/internal/apart"
)

// Network makes a network that is apart from the machine's, for the length of the test.
func Network(t testing.TB) *apart.Network {
	t.Helper()
	root(t)
	n, err := apart.NewNetwork()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// Podman starts podman's service in a network for the length of the test, apart from the machine's own. It pulls from
// these registries (HOST:PORT) by plain HTTP.
func Podman(t testing.TB, network *apart.Network, registries ...string) *apart.Podman {
	t.Helper()
	root(t)
	for _, program := range apart.Programs() {
		// Debian keeps netavark where only podman looks.
		if _, err := exec.LookPath(program); err != nil && !exists("/usr/lib/podman/"+program) {
			Lacking(t, "podman: "+program+" is not installed; scripts/setup.sh does that")
		}
	}
	p, err := apart.StartPodman(t.Context(), network, registries...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(t.Context()); err != nil {
			t.Errorf("podman has left something behind: %v", err)
		}
	})
	return p
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
