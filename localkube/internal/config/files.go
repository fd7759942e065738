// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"text/template"

	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/state"
)

//go:embed files
var files embed.FS

// Values is what differs between nodes.
type Values struct {
	NodeIP, DNS    netip.Addr
	Pods, NodePods netip.Prefix
	CgroupRoot     string // as the kubelet names it
	Pause          string // reference of the pause image
}

// Write writes the files of the i-th node into its conf directory. The key of
// secrets at rest is made once and kept.
func Write(c state.Cluster, s state.Spec, i int, pause string) error {
	node := s.Nodes[i]
	values := Values{
		NodeIP: s.Index.Node(i), DNS: s.Index.DNS(), Pods: s.Index.Pods(), NodePods: s.Index.NodePods(i),
		CgroupRoot: "/" + s.Cgroup() + "/" + node, Pause: pause,
	}
	for _, dir := range []string{"conf/net.d", "certs.d"} {
		if err := os.MkdirAll(c.Node(node, dir), 0o700); err != nil {
			return fault.Wrap(fault.Failed, err, "make the directory of configuration")
		}
	}
	for file, to := range map[string]string{
		"containerd.toml": "containerd.toml", "kubelet.yaml": "kubelet.yaml", "kube-proxy.yaml": "kube-proxy.yaml",
		"cni.conflist": "net.d/10-localkube.conflist", "kube-scheduler.yaml": "kube-scheduler.yaml",
		"authentication.yaml": "authentication.yaml", "audit.yaml": "audit.yaml",
	} {
		content, err := render(file, values)
		if err != nil {
			return err
		}
		if err := state.WriteFile(c.Node(node, "conf", filepath.FromSlash(to)), content); err != nil {
			return err
		}
	}
	if i == 0 {
		return writeEncryption(c.Node(node, "conf", "encryption.yaml"))
	}
	return nil
}

func render(file string, values any) ([]byte, error) {
	t, err := template.New(file).Option("missingkey=error").ParseFS(files, "files/"+file)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "parse %s", file)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, values); err != nil {
		return nil, fault.Wrap(fault.Failed, err, "render %s", file)
	}
	return b.Bytes(), nil
}

// writeEncryption makes the key with which secrets are encrypted at rest. A new
// key would make the old secrets unreadable, so it is made once.
func writeEncryption(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return fault.Wrap(fault.Failed, err, "make the key of secrets at rest")
	}
	content, err := render("encryption.yaml", struct{ Key string }{base64.StdEncoding.EncodeToString(key)})
	if err != nil {
		return err
	}
	return state.WriteFile(path, content)
}

// TrustRegistry lets containerd on a node pull from a registry that speaks plain HTTP.
func TrustRegistry(c state.Cluster, node, hostPort string) error {
	dir := c.Node(node, "certs.d", hostPort)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(fault.Failed, err, "trust registry %s", hostPort)
	}
	content := fmt.Sprintf("server = \"http://%[1]s\"\n\n[host.\"http://%[1]s\"]\n  capabilities = [\"pull\", \"resolve\"]\n", hostPort)
	return state.WriteFile(filepath.Join(dir, "hosts.toml"), []byte(content))
}
