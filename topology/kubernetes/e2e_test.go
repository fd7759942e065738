// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kubernetes_test

import (
	"context"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/scoretest"
	"nationtech.io/harmony/topology/kubernetes"
)

// A stranger has a kubeconfig and a registry, and nothing else of the cluster.
func TestAStrangersClusterPullsWhatWasPushed(t *testing.T) {
	options := kubernetes.Options{Kubeconfig: needs.Local(t), Registry: needs.Registry(t) + "/team"}
	topology, err := kubernetes.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer topology.Close()
	server := nats.Score{Namespace: scoretest.Namespace(t)}
	placed := harmony.Place(server).On(topology)
	defer func() {
		run := harmony.Run{Purge: true}
		if _, err := run.Remove(context.WithoutCancel(t.Context()), placed); err != nil {
			t.Error(err)
		}
	}()
	if _, err := harmony.Deploy(t.Context(), placed); err != nil {
		t.Fatal(err)
	}
	pods, err := topology.Kubernetes().Pods(t.Context(), server.Namespace, nil)
	if err != nil || len(pods) != 1 {
		t.Fatalf("%d pods, %v", len(pods), err)
	}
	// The registry is new, so no node has an image of that name that it did not pull from it.
	for _, c := range pods[0].Spec.Containers {
		if !strings.HasPrefix(c.Image, options.Registry+"/nats-server@sha256:") {
			t.Errorf("container %s runs %s", c.Name, c.Image)
		}
	}
	report, err := harmony.Deploy(t.Context(), placed)
	if err != nil || report.Changed() {
		t.Errorf("deployed again: %v, changes %+v", err, report.Placements)
	}
}
