// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/contract"
)

// TestRecord lets an agent of this release be told what stands in told, by a real server, and writes down all that it says.
// Beside podman, which here only lists containers, that is the whole agent. What it says of containers that run is encoded at the
// end as it encodes it.
func TestRecord(t *testing.T) {
	dir := os.Getenv("RECORD")
	if dir == "" {
		t.Skip("RECORD is not set")
	}
	told := func(file string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, "told", file))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	server := natstest.Start(t, devices())
	fleet := server.Fleet()
	var mu sync.Mutex
	var all []map[string]any
	note := func(subject string, data []byte) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, map[string]any{"subject": subject, "data": data})
	}
	count := func(prefix, part string) (n int) {
		mu.Lock()
		defer mu.Unlock()
		for _, m := range all {
			if strings.HasPrefix(m["subject"].(string), prefix) && strings.Contains(string(m["data"].([]byte)), part) {
				n++
			}
		}
		return n
	}
	until := func(prefix, part string, n int) {
		t.Helper()
		for begun := time.Now(); count(prefix, part) < n; time.Sleep(50 * time.Millisecond) {
			if time.Since(begun) > time.Minute {
				t.Fatalf("%s with %s was not said %d times", prefix, part, n)
			}
		}
	}
	manifest, body := told("manifest.json"), told("release.json")
	hear := func(m *nats.Msg) {
		switch {
		case m.Subject == contract.FetchManifestSubject(press) && count("fleet.state.", `"later"`) > 0: // it knows what runs
			_ = fleet.Publish(contract.AnswerManifestSubject(press), manifest)
		case strings.Contains(m.Subject, ".body."):
			_ = fleet.Publish(contract.AnswerBodySubject(press, contract.DigestOf(body).String()), body)
		}
		note(m.Subject, m.Data)
	}
	for _, kind := range []string{"state", "info", "heartbeat", "fetch", "reply"} {
		if _, err := fleet.Subscribe("fleet."+kind+".>", hear); err != nil {
			t.Fatal(err)
		}
	}
	if err := fleet.Flush(); err != nil {
		t.Fatal(err)
	}
	digest := contract.DigestOf(body).String()
	r := run(t, fmt.Sprintf("runtime_enabled = true\nruntime.state_dir = %q\nruntime.podman_socket = %q\nlabels.site = \"north\"", t.TempDir(), lists(t,
		container(2, "later", 9, digest), container(4, "unlisted", 2, digest))), server)
	until("fleet.heartbeat.", "", 2)
	until("fleet.state.", `"later"`, 1)
	if err := fleet.Publish(contract.DesiredSubject(press), manifest); err != nil {
		t.Fatal(err)
	}
	until("fleet.state.", `"number":3`, 1)
	until("fleet.state.", `"Failed"`, 1)
	for _, verb := range []contract.Verb{contract.VerbPing, contract.VerbResync, contract.VerbRestart, contract.VerbInspect, contract.VerbLogs, contract.VerbExec} {
		if err := fleet.Publish(contract.CommandSubject(press, verb), told("command-"+string(verb)+".json")); err != nil {
			t.Fatal(err)
		}
	}
	until("fleet.reply.", "", 6)
	another := strings.Replace(string(manifest), "3f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a35", contract.NewPlaneID().String(), 1)
	restored := strings.NewReplacer(`"number":3`, `"number":4`, `"generation":4`, `"generation":1`).Replace(string(manifest))
	for _, next := range []struct{ manifest, said string }{
		{restored, `"Ahead"`}, {another, string(contract.FindingPlane)}, {string(told("manifest-adopts.json")), `"epoch":2`}, {string(manifest), string(contract.FindingStale)},
	} {
		if err := fleet.Publish(contract.DesiredSubject(press), []byte(next.manifest)); err != nil {
			t.Fatal(err)
		}
		until("fleet.state.", next.said, 1)
	}
	r.end()
	encode(t, r, note)
	write(t, filepath.Join(dir, "said.jsonl"), all)
}

// encode says what it takes containers that run to say.
func encode(t *testing.T, r *rig, note func(string, []byte)) {
	t.Helper()
	s := r.keeper.state()
	one := s.Workloads[0]
	s.Workloads = nil
	for i, phase := range []contract.Phase{
		contract.Pending, contract.Pulling, contract.Starting, contract.Running, contract.Degraded, contract.Failed, contract.Removing, contract.Unlisted,
	} {
		one.Name, one.Phase, one.Code, one.Message = fmt.Sprint("w", i), phase, "", ""
		if err := one.UID.UnmarshalText(fmt.Appendf(nil, "%08x-2222-4222-8333-444455556666", i)); err != nil {
			t.Fatal(err)
		}
		s.Workloads = append(s.Workloads, one)
	}
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	note(contract.StateSubject(press), data)
}

func container(n int, name string, generation int, digest string) podman.Listed {
	return podman.Listed{ID: name, Names: []string{"shop." + name + ".web"}, State: "running", Labels: map[string]string{
		"io.nationtech.harmony.uid": fmt.Sprintf("%08x-1111-4222-8333-444455556666", n), "io.nationtech.harmony.namespace": "shop",
		"io.nationtech.harmony.name": name, "io.nationtech.harmony.generation": fmt.Sprint(generation), "io.nationtech.harmony.digest": digest,
		"io.nationtech.harmony.container": "web", "io.nationtech.harmony.init": "false",
	}}
}

// lists is a socket that tells of containers, and can do nothing.
func lists(t *testing.T, all ...podman.Listed) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "podman.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/containers/json") {
			_ = json.NewEncoder(w).Encode(all)
			return
		}
		http.Error(w, `{"message":"it only lists"}`, http.StatusInternalServerError)
	}))
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return socket
}

func write(t *testing.T, file string, all []map[string]any) {
	t.Helper()
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	lines, beats := json.NewEncoder(out), 0
	for _, m := range all {
		if strings.HasPrefix(m["subject"].(string), "fleet.heartbeat.") {
			if beats++; beats > 3 {
				continue // the others say the same
			}
		}
		if err := lines.Encode(m); err != nil {
			t.Fatal(err)
		}
	}
}
