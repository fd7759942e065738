// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/contract"
)

// latePodman is a socket on which one container is told of, once that is let. A real podman cannot be made to be so late.
func latePodman(t *testing.T, c podman.Listed) (socket string, let func()) {
	t.Helper()
	late := make(chan struct{})
	socket = filepath.Join(t.TempDir(), "podman.sock")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/containers/json") {
			http.NotFound(w, r)
			return
		}
		select {
		case <-late:
			_ = json.NewEncoder(w).Encode([]podman.Listed{c}) // the agent asks again
		case <-r.Context().Done():
		}
	}))
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return socket, func() { close(late) }
}

// After the loss of its state file, a device must not be sent back by what is older than what runs on it.
func TestNothingIsAcceptedBeforeItIsKnownWhatRuns(t *testing.T) {
	uid, err := contract.ParseWorkloadUID("00000001-1111-4222-8333-444455556666")
	if err != nil {
		t.Fatal(err)
	}
	newer, older := contract.DigestOf([]byte("newer")), contract.DigestOf([]byte("older"))
	socket, let := latePodman(t, podman.Listed{ID: "c1", Names: []string{"shop.web.web"}, State: "running", Labels: map[string]string{
		"io.nationtech.harmony.uid": uid.String(), "io.nationtech.harmony.namespace": "shop", "io.nationtech.harmony.name": "web",
		"io.nationtech.harmony.generation": "5", "io.nationtech.harmony.digest": newer.String(),
		"io.nationtech.harmony.container": "web", "io.nationtech.harmony.init": "false",
	}})
	server := natstest.Start(t, devices())
	fleet := server.Fleet()
	manifest, err := contract.Manifest{Plane: contract.NewPlaneID(), Device: press, Order: contract.Order{Epoch: 1, Term: 1, Number: 1}, Deployments: []contract.Entry{
		{Namespace: "shop", Name: "web", UID: uid, Generation: 3, Digest: older, Want: contract.Present},
	}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	_, err = fleet.Subscribe(contract.FetchManifestSubject(press), func(*nats.Msg) {
		_ = fleet.Publish(contract.AnswerManifestSubject(press), manifest) // it is fetched again
	})
	if err == nil {
		err = fleet.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, fmt.Sprintf("runtime_enabled = true\nruntime.state_dir = %q\nruntime.podman_socket = %q", t.TempDir(), socket), server)
	for range 3 {
		if err := fleet.Publish(contract.DesiredSubject(press), manifest); err != nil {
			t.Fatal(err)
		}
		answers(t, fleet)
	}
	if held := r.keeper.holds(); !held.Order.IsZero() {
		t.Errorf("it holds to %+v, and knows nothing of what runs", held)
	}
	let()
	until(t, "that what runs is ahead", func(context.Context) (string, bool) {
		told := r.keeper.state()
		ok := told.Order.Number == 1 && len(told.Workloads) == 1 && told.Workloads[0].Phase == contract.Ahead && told.Workloads[0].Digest == newer
		return fmt.Sprintf("%+v", told), ok
	})
}
