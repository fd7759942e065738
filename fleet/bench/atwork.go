// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiruntime "k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony/capability/image"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/internal/apart"
	"nationtech.io/harmony/wait"
)

const (
	// agentWorkloads is how many workloads the real agent runs, each with a health check.
	agentWorkloads = 2
	agentImage     = "harmony.local/bench:1"
)

// A workshop is a podman that is apart from this machine's, and has the image that the real agent runs.
type workshop struct {
	network *apart.Network
	podman  *apart.Podman
}

func (m *measured) workshop(ctx context.Context) (w workshop, err error) {
	if w.network, err = apart.NewNetwork(); err != nil {
		return w, err
	}
	if w.podman, err = apart.StartPodman(ctx, w.network); err != nil {
		w.network.Close()
		return w, err
	}
	if err := m.load(ctx, w.podman.Socket); err != nil {
		return w, errors.Join(err, w.close(ctx))
	}
	return w, nil
}

func (w workshop) close(ctx context.Context) error {
	defer w.network.Close()
	return w.podman.Stop(ctx)
}

// load builds the image and hands it to podman.
func (m *measured) load(ctx context.Context, socket string) error {
	built, err := (&image.Builder{}).Build(ctx, image.Image{Name: "bench", Package: "nationtech.io/harmony/fleet/agent/podmantest/service"}, image.Platform{Arch: runtime.GOARCH})
	if err != nil {
		return err
	}
	archive, err := os.Create(filepath.Join(m.dir, "bench.tar"))
	if err != nil {
		return fmt.Errorf("write an image: %w", err)
	}
	if err := errors.Join(built.WriteArchive(archive, agentImage), archive.Close()); err != nil {
		return fmt.Errorf("write an image: %w", err)
	}
	_, err = command(ctx, "podman", "--url", "unix://"+socket, "load", "--input", archive.Name())
	return err
}

// work gives the real agent its workloads, and waits until it runs them.
func (m *measured) work(ctx context.Context) error {
	for i := range agentWorkloads {
		name := fmt.Sprintf("work-%d", i+1)
		data, err := json.Marshal(contract.Podman{Services: []contract.Container{{
			Name: name, Image: agentImage, Args: []string{"wait"}, Health: &contract.HealthCheck{Command: []string{"/bench", "exit=0"}},
		}}})
		if err != nil {
			return fmt.Errorf("write a score: %w", err)
		}
		err = m.make(ctx, &fleet.Deployment{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{label: "more"}},
			Spec: fleet.DeploymentSpec{
				TargetSelector: metav1.LabelSelector{MatchLabels: map[string]string{label: agentID}},
				Score:          fleet.Score{Type: contract.PodmanType, Data: apiruntime.RawExtension{Raw: data}},
			},
		})
		if err != nil {
			return err
		}
	}
	return wait.Until(ctx, "the agent to run its workloads", wait.Pace{Limit: appear, Every: seen}, func(ctx context.Context) (string, bool, error) {
		ready, last := 0, ""
		for i := range agentWorkloads {
			var d fleet.Deployment
			if err := m.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: fmt.Sprintf("work-%d", i+1)}, &d); err != nil {
				return "", false, fmt.Errorf("read a Deployment: %w", err)
			}
			ready, last = ready+int(d.Status.Devices.Ready), fmt.Sprintf("%+v", d.Status)
		}
		return last, ready == agentWorkloads, nil
	})
}
