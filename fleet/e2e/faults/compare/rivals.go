// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/fleet/e2e/faults"
)

// known are the kinds of typed objects.
var known = func() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(scheme.AddToScheme(s))
	utilruntime.Must(apiextensionsv1.AddToScheme(s))
	return s
}()

// A bundle is a fault's objects as the others read them: a directory that is a chart, with all objects in one file.
type bundle string

func (b bundle) file() string { return filepath.Join(string(b), "objects.json") }

// bundled writes the objects of a fault.
func (b *bench) bundled(s *faults.Stage, f faults.Fault) (bundle, error) {
	dir, err := os.MkdirTemp("", "harmony-compare-")
	if err != nil {
		return "", fmt.Errorf("make a directory for objects: %w", err)
	}
	var all bytes.Buffer
	for _, o := range f.Objects(s, b.reference) {
		text, err := written(o)
		if err != nil {
			return "", err
		}
		all.WriteString("---\n")
		all.Write(text)
	}
	for name, text := range map[string][]byte{
		"objects.json":       all.Bytes(),
		"Chart.yaml":         []byte("apiVersion: v2\nname: victim\nversion: 1.0.0\n"),
		"templates/all.yaml": []byte(`{{ .Files.Get "objects.json" }}`),
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, text, 0o600)); err != nil {
			return "", fmt.Errorf("write objects: %w", err)
		}
	}
	return bundle(dir), nil
}

// written is the object with its kind, which typed objects do not have by themselves.
func written(o kube.Object) ([]byte, error) {
	kind, err := apiutil.GVKForObject(o, known)
	if err != nil {
		return nil, fmt.Errorf("name the kind of %s: %w", o.GetName(), err)
	}
	o.GetObjectKind().SetGroupVersionKind(kind)
	text, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", o.GetName(), err)
	}
	return append(text, '\n'), nil
}

// byHelm gives all that helm says.
func (b *bench) byHelm(ctx context.Context, s *faults.Stage, f faults.Fault) string {
	dir, err := b.bundled(s, f)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = os.RemoveAll(string(dir)) }() // it lies in the directory for temporary files
	return said(b.install(ctx, s.Namespace, dir, "--timeout", rivalsWait.String()))
}

// install is "helm install --wait", without what someone has told his own Helm.
func (b *bench) install(ctx context.Context, namespace string, dir bundle, more ...string) *exec.Cmd {
	args := append([]string{"install", "victim", string(dir), "--namespace", namespace, "--create-namespace", "--wait"}, more...)
	cmd := exec.CommandContext(ctx, b.helm, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+b.stage.Place.Cluster().Kubeconfig, "HELM_CONFIG_HOME="+string(dir), "HELM_CACHE_HOME="+string(dir), "HELM_DATA_HOME="+string(dir))
	return cmd
}

// byKubectl gives all that kubectl says.
func (b *bench) byKubectl(ctx context.Context, s *faults.Stage, f faults.Fault) string {
	dir, err := b.bundled(s, f)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = os.RemoveAll(string(dir)) }() // as above
	text := said(b.kubectl(ctx, "create", "namespace", s.Namespace))
	text += said(b.kubectl(ctx, "--namespace", s.Namespace, "apply", "--filename", dir.file()))
	return text + said(b.kubectl(ctx, "--namespace", s.Namespace, "rollout", "status", "deployment", "--timeout", rivalsWait.String()))
}

func (b *bench) kubectl(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, b.localkube, append([]string{"kubectl", "--name", b.cluster}, args...)...)
}

// said is all that a program says; that it fails is what is asked of it.
func said(cmd *exec.Cmd) string {
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		return err.Error()
	}
	return string(out)
}
