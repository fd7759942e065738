// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kubernetes_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/topology/kubernetes"
)

// kubeconfig writes one with a context for each server; the first is the current one.
func kubeconfig(t *testing.T, contexts ...string) string {
	t.Helper()
	config := api.NewConfig()
	for i := 0; i < len(contexts); i += 2 {
		name, server := contexts[i], contexts[i+1]
		config.Clusters[name] = &api.Cluster{Server: server, InsecureSkipTLSVerify: true}
		config.Contexts[name] = &api.Context{Cluster: name}
	}
	config.CurrentContext = contexts[0]
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// serve answers every request with that status, as an API server of Kubernetes 1.37.
func serve(t *testing.T, status int) string { return serveMinor(t, status, "37") }

func serveMinor(t *testing.T, status int, minor string) string {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"major": "1", "minor": %q, "gitVersion": "v1.%s.4"}`, minor, minor)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// nobody is an address where no one listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	return "https://" + l.Addr().String()
}

func TestTheTargetIsTheContextThatWasChosen(t *testing.T) {
	a, b := serve(t, http.StatusOK), serve(t, http.StatusOK)
	path := kubeconfig(t, "a", a, "b", b)
	for _, c := range []struct {
		name, variable string
		options        kubernetes.Options
		want           string
	}{
		{"the current one", "", kubernetes.Options{Kubeconfig: path}, `context "a" (` + a + ")"},
		{"another", "", kubernetes.Options{Kubeconfig: path, Context: "b"}, `context "b" (` + b + ")"},
		{"that of $KUBECONFIG", path, kubernetes.Options{}, `context "a" (` + a + ")"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", c.variable)
			topology, err := kubernetes.Open(t.Context(), c.options)
			if err != nil {
				t.Fatal(err)
			}
			defer topology.Close()
			if got := topology.Target(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAClusterThatCannotBeUsedIsExplained(t *testing.T) {
	for _, c := range []struct {
		name    string
		options kubernetes.Options
		code    diag.Code
		says    string
	}{
		{"nobody listens", kubernetes.Options{Kubeconfig: kubeconfig(t, "a", nobody(t), "b", nobody(t))}, diag.APIUnreachable, "contexts of the kubeconfig: a, b"},
		{"no such context", kubernetes.Options{Kubeconfig: kubeconfig(t, "a", nobody(t), "b", nobody(t)), Context: "c"}, diag.NoContext, "a, b"},
		{"no such file", kubernetes.Options{Kubeconfig: filepath.Join(t.TempDir(), "none")}, diag.BadKubeconfig, "none"},
		{"too old", kubernetes.Options{Kubeconfig: kubeconfig(t, "a", serveMinor(t, http.StatusOK, "21"))}, diag.VersionSkew, "the API server is v1.21.4"},
		{"refused credentials", kubernetes.Options{Kubeconfig: kubeconfig(t, "a", serve(t, http.StatusUnauthorized))}, diag.Forbidden, `context \"a\"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := kubernetes.Open(t.Context(), c.options)
			var d *diag.Diagnostic
			if !errors.As(err, &d) || d.Code != c.code {
				t.Fatalf("got %v, want %s", err, c.code)
			}
			text, err := d.MarshalJSON()
			if err != nil || !strings.Contains(string(text), c.says) {
				t.Errorf("%q is not in %s (%v)", c.says, text, err)
			}
		})
	}
}

func TestAClusterOfAnyVersionIsOpenedWhereThatIsAskedFor(t *testing.T) {
	path := kubeconfig(t, "a", serveMinor(t, http.StatusOK, "21"))
	topology, err := kubernetes.Open(t.Context(), kubernetes.Options{Kubeconfig: path, AnyVersion: true})
	if err != nil {
		t.Fatal(err)
	}
	topology.Close()
}

func TestWithoutARegistryOnlyAReleaseHasImages(t *testing.T) {
	topology, err := kubernetes.Open(t.Context(), kubernetes.Options{Kubeconfig: kubeconfig(t, "a", serve(t, http.StatusOK))})
	if err != nil {
		t.Fatal(err)
	}
	defer topology.Close()
	_, err = topology.Images().Provide(t.Context(), image.Image{Name: "hello", Published: "registry.example/hello"})
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != diag.NoRegistry {
		t.Errorf("got %v", err)
	}
}
