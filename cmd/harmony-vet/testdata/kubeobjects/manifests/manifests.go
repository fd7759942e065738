// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package manifests has texts that are manifests, and such that are none.
package manifests

import (
	"embed"
	"os"
	"strings"
)

//go:embed pod.tmpl README.md all:files
var files embed.FS // want "is embedded: files/claim.json" "is embedded: pod.tmpl"

func bad(name string) []string {
	_, _ = os.ReadFile("testdata/pod.yaml")               // want "the manifest of a Kubernetes object is in testdata/pod.yaml"
	_, _ = os.DirFS("testdata").Open("pod.yaml")          // want "the manifest of a Kubernetes object is in pod.yaml"
	_ = map[string]any{"apiVersion": "v1", "kind": "Pod"} // want "the manifest of a Kubernetes object"
	return []string{
		`{"kind": "List", "apiVersion": "v1", "items": []}`,                                                      // want "the manifest of a Kubernetes object"
		"apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}",                                              // want "the manifest of a Kubernetes object"
		strings.Join([]string{"apiVersion: v1", "kind: Pod"}, "\n"),                                              // want "the manifest of a Kubernetes object"
		"apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: x}", // want "the manifest of a Kubernetes object"
	}
}

type header struct {
	APIVersion string `json:"apiVersion" yaml:"apiVersion: kind:"`
}

func good() []string {
	_, _ = os.ReadFile("testdata/kubeconfig.yaml")
	return []string{
		"apiVersion: v1\nkind: Config\nclusters: []\n",
		"apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
		"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n",
		"apiVersion: fleet.nationtech.io/v1alpha1\nkind: Deployment\nmetadata: {name: ours}\n",
		"an object has an apiVersion: and a kind: of its own",
		"no-such-file.yaml",
	}
}
