// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package prereq

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"

	"nationtech.io/harmony/localkube/internal/fault"
)

// programs are those that nodes take from the host.
func programs() []fault.Missing {
	var missing []fault.Missing
	for _, p := range []struct{ name, why, pkg string }{
		{"nft", "kube-proxy makes Services with it", "nftables"},
		{"mount", "the kubelet mounts volumes with it", "mount"},
		{"umount", "the kubelet unmounts volumes with it", "mount"},
	} {
		if !onNodePath(p.name) {
			missing = append(missing, fault.Missing{What: p.name, Why: p.why, Help: "apt-get install " + p.pkg})
		}
	}
	return missing
}

// onNodePath looks where nodes look, which may be elsewhere than the caller's PATH.
func onNodePath(program string) bool { return nodePath(program) != "" }

func nodePath(program string) string {
	for _, dir := range []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"} {
		path := filepath.Join(dir, program)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}

// tools are those that a build takes.
func tools(ctx context.Context, cgo bool) []fault.Missing {
	var missing []fault.Missing
	want := func(found bool, what, why, help string) {
		if !found {
			missing = append(missing, fault.Missing{What: what, Why: why, Help: help})
		}
	}
	has := func(program string) bool { _, err := exec.LookPath(program); return err == nil }
	want(has("go"), "go", "the programs of a cluster are built from Go modules", "install Go 1.26 or later: https://go.dev/dl")
	if !cgo {
		return missing
	}
	compiler := os.Getenv("CC")
	if compiler == "" {
		compiler = "gcc"
	}
	want(has(compiler), compiler, "runc has a part in C", "apt-get install gcc libc6-dev")
	if !has("pkg-config") {
		want(false, "pkg-config", "runc finds libseccomp with it", "apt-get install pkg-config libseccomp-dev")
		return missing
	}
	err := exec.CommandContext(ctx, "pkg-config", "--exists", "libseccomp").Run()
	want(err == nil, "libseccomp headers", "runc filters system calls with it", "apt-get install libseccomp-dev")
	return missing
}
