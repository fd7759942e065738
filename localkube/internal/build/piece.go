// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"

	"nationtech.io/harmony/localkube/internal/fault"
)

// KubernetesVersion is the version of Kubernetes that go.mod pins.
const KubernetesVersion = "v1.37.2"

const containerdVersion = "2.4.2"

// module is one of our modules.
type module string

const (
	mainModule    module = "nationtech.io/harmony/localkube"
	runtimeModule module = mainModule + "/runtime"
	dnsModule     module = mainModule + "/dns"
)

// piece is what one `go build` makes: programs of one module with the same flags.
type piece struct {
	name     string
	module   module
	packages []string
	programs []string          // what the packages are called when built, in their order
	aliases  map[string]string // other names, as hard links
	ldflags  string
	tags     string
	cgo      bool
	images   bool // each program becomes an image
}

func pieces() []piece {
	return []piece{
		{
			name: "engine", module: mainModule, packages: []string{"./cmd/engine"}, programs: []string{"engine"},
			tags: "engine", // see its documentation
			// The shims call containerd by the path that it finds itself at, so it needs a name of its own.
			aliases: map[string]string{"containerd": "engine"},
			ldflags: "-s -w -X k8s.io/component-base/version.gitVersion=" + KubernetesVersion +
				" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37" +
				" -X k8s.io/client-go/pkg/version.gitVersion=" + KubernetesVersion +
				" -X github.com/containerd/containerd/v2/version.Version=" + containerdVersion,
		},
		{
			name: "shim", module: mainModule, ldflags: "-s -w",
			packages: []string{"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2"}, programs: []string{"containerd-shim-runc-v2"},
		},
		{
			// Without seccomp in runc every Pod that asks for RuntimeDefault fails.
			name: "runc", module: runtimeModule, ldflags: "-s -w -extldflags -static -X main.version=1.5.2",
			tags: "netgo osusergo seccomp", cgo: true,
			packages: []string{"github.com/opencontainers/runc"}, programs: []string{"runc"},
		},
		{
			name: "plugins", module: runtimeModule, ldflags: "-s -w",
			packages: []string{
				"github.com/containernetworking/plugins/plugins/main/ptp",
				"github.com/containernetworking/plugins/plugins/main/loopback",
				"github.com/containernetworking/plugins/plugins/ipam/host-local",
				"github.com/containernetworking/plugins/plugins/meta/portmap",
			},
			programs: []string{"ptp", "loopback", "host-local", "portmap"},
		},
		{
			name: "images", module: dnsModule, ldflags: "-s -w", images: true,
			packages: []string{"./coredns", "./pause", "./probe"}, programs: []string{"coredns", "pause", "probe"},
		},
	}
}

// hash is over all that a piece is built from: its module's requirements, its
// own sources, the Go version, the flags. Sources of required modules are in go.sum.
func (p piece) hash(dir, goVersion string) (string, error) {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\n%s\n%s/%s\n%q\n%q\n%q\ncgo=%t images=%t\n", p.name, goVersion, runtime.GOOS, runtime.GOARCH,
		p.packages, p.ldflags, p.tags, p.cgo, p.images)
	_, _ = fmt.Fprintf(h, "aliases=%v\n", p.aliases) // maps are printed in the order of their keys
	files := []string{"go.mod", "go.sum"}
	for _, pkg := range p.packages {
		if strings.HasPrefix(pkg, "./") {
			sources, err := goFiles(dir, pkg)
			if err != nil {
				return "", err
			}
			files = append(files, sources...)
		}
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return "", fault.Wrap(fault.Build, err, "read the sources of %s", p.name)
		}
		if file == "go.mod" {
			content = requirements(content)
		}
		_, _ = fmt.Fprintf(h, "%s %x\n", filepath.ToSlash(file), sha256.Sum256(content))
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

// requirements gives the lines of a go.mod without comments and order: which
// requirement is indirect changes nothing of what is built.
func requirements(goMod []byte) []byte {
	var lines []string
	for line := range strings.Lines(string(goMod)) {
		line, _, _ = strings.Cut(line, "//")
		line = strings.TrimPrefix(strings.TrimSpace(line), "require ")
		if line != "" && line != "(" && line != ")" {
			lines = append(lines, line)
		}
	}
	sort.Strings(lines)
	return []byte(strings.Join(lines, "\n"))
}

// goFiles lists the Go files of a package and below, relative to dir, without tests.
func goFiles(dir, pkg string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(filepath.Join(dir, pkg), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		files = append(files, relative)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(fault.Build, err, "list the sources of %s", pkg)
	}
	return files, nil
}
