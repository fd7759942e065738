// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package needs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Helm runs the Helm that tools/helm pins, in the directory dir, and gives what it says and how it ended.
func Helm(t testing.TB, dir string, args ...string) (string, error) {
	t.Helper()
	program, err := helm()
	if err != nil {
		t.Fatalf("Helm cannot be built: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	// What someone has told his own Helm is not for tests.
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HELM_CONFIG_HOME="+home, "HELM_CACHE_HOME="+home, "HELM_DATA_HOME="+home, "HELM_NAMESPACE=")
	said, err := cmd.CombinedOutput()
	return string(said), err
}

// helm builds it, once in a process; the Go build cache makes that quick after the first time on a machine, which takes
// minutes.
var helm = sync.OnceValues(func() (string, error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "nationtech.io/harmony").Output()
	if err != nil {
		return "", err
	}
	return built(filepath.Join(strings.TrimSpace(string(root)), "tools", "helm"), "helm", "helm.sh/helm/v4/cmd/helm")
})
