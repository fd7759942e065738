// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"nationtech.io/harmony/fleet/e2e/faults"
)

// A bundle is a fault's objects as the others read them: a directory that is a chart, with all objects in one file.
type bundle string

func (b bundle) file() string { return filepath.Join(string(b), "objects.json") }

// bundled writes the objects of a fault.
func (b *bench) bundled(s *faults.Stage, f faults.Fault) (bundle, error) {
	dir, err := os.MkdirTemp("", "harmony-compare-")
	if err != nil {
		return "", fmt.Errorf("make a directory for objects: %w", err)
	}
	objects, err := f.Manifest(s, b.reference)
	if err != nil {
		return "", err
	}
	for name, text := range map[string][]byte{
		"objects.json":       objects,
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
