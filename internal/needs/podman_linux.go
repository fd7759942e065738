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
	return SmallPodman(t, network, 0, registries...)
}

// SmallPodman starts one whose disk for images and containers has so many bytes; as many as this machine has when 0.
func SmallPodman(t testing.TB, network *apart.Network, size int, registries ...string) *apart.Podman {
	t.Helper()
	root(t)
	installed(t, apart.Programs()...)
	p, err := apart.StartSmallPodman(t.Context(), network, size, registries...)
	return runs(t, p, err)
}

// RootlessPodman starts one that belongs to a user without rights, whom nobody else knows.
func RootlessPodman(t testing.TB, network *apart.Network, registries ...string) *apart.Podman {
	t.Helper()
	root(t) // who makes that user
	installed(t, append(apart.Programs(), apart.RootlessPrograms()...)...)
	p, err := apart.StartRootlessPodman(t.Context(), network, registries...)
	return runs(t, p, err)
}

func installed(t testing.TB, programs ...string) {
	t.Helper()
	for _, program := range programs {
		// Debian keeps netavark where only podman looks.
		if _, err := exec.LookPath(program); err != nil && !exists("/usr/lib/podman/"+program) {
			Lacking(t, "podman: "+program+" is not installed; scripts/setup.sh does that")
		}
	}
}

func runs(t testing.TB, p *apart.Podman, err error) *apart.Podman {
	t.Helper()
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
