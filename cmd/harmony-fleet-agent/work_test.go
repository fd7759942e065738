// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/agent/podmantest"
	"nationtech.io/harmony/fleet/contract"
)

// An agent at work has podman to ask, a state file that is mapped into its memory, and workloads with health checks.
func TestTheAgentIsContentWithLittleMemoryAtWork(t *testing.T) {
	machine := podmantest.Start(t)
	s := natstest.Start(t, map[contract.DeviceID]string{press: "p"})
	plane := tell(t, s, machine)
	reports := make(chan contract.State, 100)
	if _, err := plane.Subscribe(contract.StateSubject(press), func(m *nats.Msg) {
		if got, err := contract.DecodeState(m.Data, press); err == nil {
			reports <- got
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := plane.Flush(); err != nil {
		t.Fatal(err)
	}
	more := fmt.Sprintf("runtime_enabled = true\nruntime.state_dir = %q\nruntime.podman_socket = %q\n", t.TempDir(), machine.Socket)
	resident := residentOnce(t, built(t), s, more, func() {
		for got := range reports {
			if len(got.Workloads) == workloads && !slices.ContainsFunc(got.Workloads, func(w contract.Workload) bool { return w.Phase != contract.Running }) {
				return
			}
		}
	})
	content(t, resident)
}

const workloads = 2

// tell is a control plane that has told the device what to run, and gives its connection.
func tell(t *testing.T, s *natstest.Server, m podmantest.Machine) *nats.Conn {
	t.Helper()
	conn := s.Fleet()
	manifest := contract.Manifest{Plane: contract.NewPlaneID(), Device: press, Order: contract.Order{Epoch: 1, Term: 1, Number: 1}}
	for i := range workloads {
		name := fmt.Sprintf("web-%d", i)
		body, digest, err := contract.Release{Podman: contract.Podman{Services: []contract.Container{{
			Name: name, Image: m.Image, Args: []string{"wait"}, Health: &contract.HealthCheck{Command: []string{"/service", "exit=0"}, IntervalSeconds: 1},
		}}}}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		uid, err := contract.ParseWorkloadUID(fmt.Sprintf("%08x-1111-4222-8333-444455556666", i))
		if err != nil {
			t.Fatal(err)
		}
		manifest.Deployments = append(manifest.Deployments, contract.Entry{Namespace: "shop", Name: name, UID: uid, Generation: 1, Digest: digest, Want: contract.Present})
		give(t, conn, contract.FetchBodySubject(press, digest.String()), contract.AnswerBodySubject(press, digest.String()), body)
	}
	data, err := manifest.Encode()
	if err != nil {
		t.Fatal(err)
	}
	give(t, conn, contract.FetchManifestSubject(press), contract.AnswerManifestSubject(press), data)
	return conn
}

func give(t *testing.T, conn *nats.Conn, asked, to string, data []byte) {
	t.Helper()
	if _, err := conn.Subscribe(asked, func(*nats.Msg) { _ = conn.Publish(to, data) }); err != nil { // it is asked again
		t.Fatal(err)
	}
}
