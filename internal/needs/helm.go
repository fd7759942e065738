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

// Helm runs the Helm that tools/helm pins, in a directory, and gives what it says and how it ended.
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

// helm builds it into Go's build cache, which takes minutes the first time on a machine, and finds it there after that.
var helm = sync.OnceValues(func() (string, error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "nationtech.io/harmony").Output()
	if err != nil {
		return "", err
	}
	find := exec.Command("go", "tool", "-n", "helm")
	find.Dir, find.Stderr = filepath.Join(strings.TrimSpace(string(root)), "tools", "helm"), os.Stderr
	path, err := find.Output()
	return strings.TrimSpace(string(path)), err
})
