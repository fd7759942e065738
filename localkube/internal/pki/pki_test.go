// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"nationtech.io/harmony/localkube/internal/state"
)

func ensure(t *testing.T, c state.Cluster, nodes ...string) {
	t.Helper()
	if err := Ensure(c, state.Spec{Name: c.Name, Index: 7, Nodes: nodes}); err != nil {
		t.Fatal(err)
	}
}

func certificate(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(content)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryCertificateVerifiesForWhatItIsFor(t *testing.T) {
	c := state.Root(t.TempDir()).Cluster("c")
	ensure(t, c, "c", "c-2")
	roots := x509.NewCertPool()
	roots.AddCert(certificate(t, c.Path("pki", "ca.crt")))
	front := x509.NewCertPool()
	front.AddCert(certificate(t, c.Path("pki", "front-proxy-ca.crt")))
	server, client := x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth
	for _, test := range []struct {
		node, name, address string
		roots               *x509.CertPool
		usage               x509.ExtKeyUsage
	}{
		{"c", "apiserver", "10.90.7.2", roots, server},
		{"c", "apiserver", "10.157.0.1", roots, server},
		{"c", "apiserver", "kubernetes.default.svc", roots, server},
		{"c", "kubelet-serving", "10.90.7.2", roots, server},
		{"c-2", "kubelet-serving", "10.90.7.3", roots, server},
		{"c", "apiserver-kubelet-client", "", roots, client},
		{"c", "front-proxy-client", "", front, client},
	} {
		_, err := certificate(t, c.Node(test.node, "pki", test.name+".crt")).Verify(x509.VerifyOptions{
			Roots: test.roots, DNSName: test.address, KeyUsages: []x509.ExtKeyUsage{test.usage},
		})
		if err != nil {
			t.Errorf("%s of %s for %q: %v", test.name, test.node, test.address, err)
		}
	}
}

func TestIdentitiesOfComponents(t *testing.T) {
	c := state.Root(t.TempDir()).Cluster("c")
	ensure(t, c, "c", "c-2")
	for file, want := range map[string]struct {
		user   string
		groups []string
	}{
		c.Kubeconfig(): {"kubernetes-admin", []string{"system:masters"}},
		c.Node("c", "pki", "kube-scheduler.kubeconfig"):          {"system:kube-scheduler", nil},
		c.Node("c", "pki", "kube-controller-manager.kubeconfig"): {"system:kube-controller-manager", nil},
		c.Node("c", "pki", "provisioner.kubeconfig"):             {Provisioner, nil},
		c.Node("c-2", "pki", "kubelet.kubeconfig"):               {"system:node:c-2", []string{"system:nodes"}},
		c.Node("c-2", "pki", "kube-proxy.kubeconfig"):            {"system:kube-proxy", nil},
	} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var config struct {
			Users []struct {
				User map[string]string
			}
		}
		if err := json.Unmarshal(content, &config); err != nil {
			t.Fatal(err)
		}
		decoded, err := base64.StdEncoding.DecodeString(config.Users[0].User["client-certificate-data"])
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(decoded)
		got, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if got.Subject.CommonName != want.user || !slices.Equal(got.Subject.Organization, want.groups) {
			t.Errorf("%s: user %q in %q, want %q in %q", filepath.Base(file), got.Subject.CommonName, got.Subject.Organization, want.user, want.groups)
		}
	}
}

func TestWorkersHoldNoKeyOfTheCluster(t *testing.T) {
	c := state.Root(t.TempDir()).Cluster("c")
	ensure(t, c, "c", "c-2")
	entries, err := os.ReadDir(c.Node("c-2", "pki"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := []string{"ca.crt", "kube-proxy.kubeconfig", "kubelet-serving.crt", "kubelet-serving.key", "kubelet.kubeconfig"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func TestEnsureKeepsWhatIsThereAndFilesAreTheirOwners(t *testing.T) {
	c := state.Root(t.TempDir()).Cluster("c")
	ensure(t, c, "c")
	read := func() map[string][]byte {
		all := map[string][]byte{}
		err := filepath.WalkDir(c.Dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err == nil && info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %o, want 600", path, info.Mode().Perm())
			}
			if err == nil {
				all[path], err = os.ReadFile(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := read()
	ensure(t, c, "c", "c-2")
	after := read()
	for path, content := range before {
		if !bytes.Equal(content, after[path]) {
			t.Errorf("%s was changed", path)
		}
	}
	if len(after) <= len(before) {
		t.Error("the second node got nothing")
	}
}
