// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/klog/v2"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- {name: one, cluster: {server: "https://one.example:6443"}}
contexts:
- {name: blue, context: {cluster: one, user: me}}
- {name: green, context: {cluster: one, user: me}}
users:
- {name: me, user: {token: hunter2}}
current-context: blue
`

func TestConnectTakesTheContextThatIsAskedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	fatal(t, os.WriteFile(path, []byte(kubeconfig), 0o600))
	for name, options := range map[string]kube.Options{
		"path": {Kubeconfig: path}, "content": {Content: []byte(kubeconfig)}, "context": {Kubeconfig: path, Context: "green"},
	} {
		client, err := kube.Connect(options)
		if err != nil || client.Host() != "https://one.example:6443" {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv("KUBECONFIG", path)
	if client, err := kube.Connect(kube.Options{}); err != nil || client.Host() != "https://one.example:6443" {
		t.Errorf("from the environment: %v", err)
	}
}

func TestAClientLendsACopyOfItsConfiguration(t *testing.T) {
	client, err := kube.Connect(kube.Options{Content: []byte(kubeconfig)})
	fatal(t, err)
	client.Config().Host = "https://elsewhere.example"
	if got := client.Config(); got.Host != client.Host() || got.BearerToken != "hunter2" {
		t.Errorf("got %s with the token %q", got.Host, got.BearerToken)
	}
}

func TestConnectSaysWhatIsWrongWithAKubeconfig(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	fatal(t, os.WriteFile(path, []byte(kubeconfig), 0o600))
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	for name, c := range map[string]struct {
		options kube.Options
		code    diag.Code
		says    string
	}{
		"a context that is not there": {kube.Options{Kubeconfig: path, Context: "red"}, diag.NoContext, "its contexts: blue, green"},
		"a file that is not there":    {kube.Options{Kubeconfig: path + "x"}, diag.BadKubeconfig, path + "x"},
		"a file that is none":         {kube.Options{Content: []byte("{{")}, diag.BadKubeconfig, "cannot be read"},
		"no cluster in it":            {kube.Options{Content: []byte("apiVersion: v1\nkind: Config\n")}, diag.BadKubeconfig, "it has no contexts"},
		"nothing at all":              {kube.Options{}, diag.BadKubeconfig, "this is no Pod"},
	} {
		_, err := kube.Connect(c.options)
		if !cmp.Equal(codes(err), []diag.Code{c.code}) || !strings.Contains(text(err), c.says) {
			t.Errorf("%s: got\n%s", name, text(err))
		}
	}
}

func TestAClientsLibraryWritesNothingBesideTheProgram(t *testing.T) {
	read, write, err := os.Pipe()
	fatal(t, err)
	before := os.Stderr
	os.Stderr = write
	defer func() { os.Stderr = before }()
	must(kube.Connect(kube.Options{Content: []byte(kubeconfig)}))
	klog.FromContext(t.Context()).Error(os.ErrClosed, "Unexpected error when reading response body")
	klog.Error("lost")
	klog.Flush()
	fatal(t, write.Close())
	if said, err := io.ReadAll(read); err != nil || len(said) > 0 {
		t.Errorf("it says %q (%v)", said, err)
	}
}
