// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package needs

import (
	"os/exec"
	"sync"
	"testing"
)

// Hydra gives the path of Ory Hydra as tools/hydra pins it: an identity provider that others wrote. It is built the first time on
// a machine, which takes minutes and a C compiler: what it keeps is in SQLite.
func Hydra(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		Lacking(t, "a C compiler: gcc is not installed")
	}
	program, err := hydra()
	if err != nil {
		t.Fatalf("Ory Hydra cannot be built: %v", err)
	}
	return program
}

// hydra has SQLite compiled as it stands: to optimise it takes longer than all of Hydra.
var hydra = sync.OnceValues(func() (string, error) {
	return built("tools/hydra", "github.com/ory/hydra/v2", "hydra", []string{"CGO_ENABLED=1", "CGO_CFLAGS=-O0 -g0"}, "-tags", "sqlite")
})
