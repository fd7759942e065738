// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"nationtech.io/harmony/localkube/internal/state"
)

func written(t *testing.T) (state.Cluster, state.Spec) {
	t.Helper()
	c := state.Root(t.TempDir()).Cluster("c")
	s := state.Spec{Name: "c", Index: 5, Nodes: []string{"c", "c-2"}, Fsync: true}
	for i := range s.Nodes {
		if err := Write(c, s, i, "localkube.internal/pause:1"); err != nil {
			t.Fatal(err)
		}
	}
	return c, s
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestFilesSayWhatTheNodeIs(t *testing.T) {
	c, _ := written(t)
	for _, test := range []struct{ node, file, want string }{
		{"c", "kubelet.yaml", "address: 10.90.5.2\n"},
		{"c-2", "kubelet.yaml", "address: 10.90.5.3\n"},
		{"c-2", "kubelet.yaml", "cgroupRoot: /lk5-c/c-2\n"},
		{"c", "kubelet.yaml", `clusterDNS: ["10.155.0.10"]`},
		{"c-2", "net.d/10-localkube.conflist", `"subnet": "10.105.1.0/24"`},
		{"c", "kube-proxy.yaml", "clusterCIDR: 10.105.0.0/16\n"},
		{"c", "containerd.toml", `sandbox = "localkube.internal/pause:1"`},
	} {
		if got := read(t, c.Node(test.node, "conf", test.file)); !strings.Contains(got, test.want) {
			t.Errorf("%s of %s does not have %q:\n%s", test.file, test.node, test.want, got)
		}
	}
}

func TestFilesAreValid(t *testing.T) {
	c, _ := written(t)
	for _, file := range []string{
		"kubelet.yaml", "kube-proxy.yaml", "kube-scheduler.yaml", "encryption.yaml", "authentication.yaml", "audit.yaml", "net.d/10-localkube.conflist",
	} {
		var content map[string]any
		if err := yaml.UnmarshalStrict([]byte(read(t, c.Node("c", "conf", file))), &content); err != nil || len(content) == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestTheKeyOfSecretsIsMadeOnceAndOnlyForTheControlPlane(t *testing.T) {
	c, s := written(t)
	before := read(t, c.Node("c", "conf", "encryption.yaml"))
	if err := Write(c, s, 0, "p"); err != nil {
		t.Fatal(err)
	}
	if after := read(t, c.Node("c", "conf", "encryption.yaml")); after != before {
		t.Error("a second Write made a new key: old secrets could not be read")
	}
	if _, err := os.Stat(c.Node("c-2", "conf", "encryption.yaml")); !os.IsNotExist(err) {
		t.Errorf("a worker has the key of secrets: %v", err)
	}
	other, _ := written(t)
	if bytes.Equal([]byte(before), []byte(read(t, other.Node("c", "conf", "encryption.yaml")))) {
		t.Error("two clusters have the same key")
	}
}

func TestCommandsOfNodes(t *testing.T) {
	_, s := written(t)
	names := func(i int) []string {
		var all []string
		for _, c := range Commands(s, i) {
			all = append(all, c.Name)
		}
		return all
	}
	if got, want := names(0), []string{Etcd, APIServer, Containerd, ControllerManager, Scheduler, Provisioner, Kubelet, Proxy}; !slices.Equal(got, want) {
		t.Errorf("control plane runs %q, want %q", got, want)
	}
	if got, want := names(1), []string{Containerd, Kubelet, Proxy}; !slices.Equal(got, want) {
		t.Errorf("worker runs %q, want %q", got, want)
	}
	for _, c := range Commands(s, 0) {
		if c.Stop < 1 || c.Stop > 3 {
			t.Errorf("%s has no place in the order of stopping: %d", c.Name, c.Stop)
		}
	}
	if args := Commands(s, 0)[0].Args; !slices.Contains(args, "-fsync=true") {
		t.Errorf("etcd does not write through: %q", args)
	}
}

func TestTheAPIServerLogsRequestsWhenItIsAskedTo(t *testing.T) {
	c, s := written(t)
	about := func() (found []string) {
		for _, arg := range Commands(s, 0)[1].Args {
			if strings.HasPrefix(arg, "--audit-") {
				found = append(found, arg)
			}
		}
		return found
	}
	if found := about(); len(found) > 0 || c.AuditLog(s) != "" {
		t.Errorf("it logs to %q, unasked: %q", c.AuditLog(s), found)
	}
	s.Audit = true
	inside, _ := filepath.Rel(c.Node("c"), c.AuditLog(s)) // a node has its own directory at Home
	for _, want := range []string{
		"--audit-log-path=" + filepath.Join(Home, inside), "--audit-policy-file=" + conf + "audit.yaml",
		"--audit-log-mode=blocking", "--audit-log-maxsize=64", "--audit-log-maxbackup=3",
	} {
		if !slices.Contains(about(), want) {
			t.Errorf("%s is not in %q", want, about())
		}
	}
}

func TestTrustRegistry(t *testing.T) {
	c, _ := written(t)
	if err := TrustRegistry(c, "c", "10.90.5.1:5000"); err != nil {
		t.Fatal(err)
	}
	if got := read(t, c.Node("c", "certs.d", "10.90.5.1:5000", "hosts.toml")); !strings.Contains(got, `[host."http://10.90.5.1:5000"]`) {
		t.Error(got)
	}
}
