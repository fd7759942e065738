// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"nationtech.io/harmony"
	"nationtech.io/harmony/cli"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/deploy"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/topology/export"
)

const namespace, operatorImage = "harmony-fleet", "r.example/operator:v1"

// objects reads those of all files below a directory, by their kinds and names.
func objects(t *testing.T, texts map[string]string) map[string]any {
	t.Helper()
	all := map[string]any{}
	for name, text := range texts {
		if filepath.Ext(name) != ".yaml" {
			continue
		}
		for _, document := range strings.Split("\n"+text, "\n---") {
			var o map[string]any
			if err := yaml.Unmarshal([]byte(document), &o); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if metadata, is := o["metadata"].(map[string]any); is {
				if annotations, is := metadata["annotations"].(map[string]any); is {
					delete(annotations, "helm.sh/resource-policy") // the chart's own word, that Helm leaves it
				}
				id, _ := o["kind"].(string)
				in, _ := metadata["namespace"].(string)
				called, _ := metadata["name"].(string)
				all[id+" "+in+"/"+called] = o
			}
		}
	}
	return all
}

// files reads all below a directory.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The credentials are the same in both, as the second is written in the place of the first.
func TestTheChartOfTheOperatorHasTheObjectsOfItsScore(t *testing.T) {
	dir := t.TempDir()
	server := deploy.Server{
		NATS: deploy.NATS{Namespace: namespace, Replicas: 3}, Identity: &deploy.Identity{}, OperatorReplicas: 2,
		Grants: []fleet.Grant{{Namespace: "shop", Devices: metav1.LabelSelector{MatchLabels: map[string]string{"site": "lyon"}}}},
	}
	_, _, err := export.Write(t.Context(), harmony.Run{}, harmony.Place(server.Operator()), export.Options{
		Format: export.Manifests, Dir: dir, Namespace: namespace, Version: "v0.0.1", Images: map[string]string{deploy.OperatorImage.Name: operatorImage},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := objects(t, files(t, dir))
	if len(want) < 20 {
		t.Fatalf("the Score has %d objects", len(want))
	}
	var out, said bytes.Buffer
	args := []string{
		"operator", "chart", "--output", dir, "--image", deploy.OperatorImage.Name + "=" + operatorImage,
		"--nats-replicas", "3", "--operator-replicas", "2", "--grant", "shop:site=lyon",
	}
	if code := program().Main(args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &said}); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, &out, &said)
	}
	lint, err := needs.Helm(t, dir, "lint", "--strict", "operator", "--namespace", namespace, "--values", "values-secrets.yaml")
	if err != nil || !strings.Contains(lint, "1 chart(s) linted, 0 chart(s) failed") {
		t.Errorf("%v\n%s", err, lint)
	}
	made, err := needs.Helm(t, dir, "template", "operator", "operator", "--namespace", namespace, "--include-crds", "--values", "values-secrets.yaml")
	if err != nil {
		t.Fatalf("%v\n%s", err, made)
	}
	got := objects(t, map[string]string{"made.yaml": made})
	// Helm never makes the namespaces that the README tells to apply first.
	first, err := filepath.Glob(filepath.Join(dir, "namespace-*.yaml"))
	if err != nil || len(first) != 2 {
		t.Fatalf("%v: %v", first, err)
	}
	for _, file := range first {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for id, o := range objects(t, map[string]string{file: string(text)}) {
			got[id] = o
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-Score +chart\n%s", diff)
	}
}
