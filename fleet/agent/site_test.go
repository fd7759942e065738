// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/agent/podmantest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

// site is a control plane of a few lines, and a device that it speaks to, by a real NATS, with a real podman.
type site struct {
	*rig
	t      *testing.T
	server *natstest.Server
	fleet  *nats.Conn
	podman podmantest.Machine
	plane  contract.PlaneID
	dir    string
	number int64

	mu     sync.Mutex
	bodies map[string][]byte
	told   []byte
	last   contract.State
	phases map[string][]contract.Phase // those of each workload, by name, as they were reported
	info   contract.Info
	hash   string
}

func build(t *testing.T) *site {
	t.Helper()
	return buildOn(t, podmantest.Start(t))
}

func buildOn(t *testing.T, machine podmantest.Machine) *site {
	t.Helper()
	s := &site{t: t, podman: machine, server: natstest.Start(t, devices()), plane: contract.NewPlaneID(), dir: t.TempDir(), bodies: map[string][]byte{}, phases: map[string][]contract.Phase{}}
	s.fleet = s.server.Fleet()
	for subject, hear := range map[string]nats.MsgHandler{
		contract.StateSubject(press):                s.hearState,
		contract.InfoSubject(press):                 s.hearInfo,
		contract.FetchManifestSubject(press):        s.giveManifest,
		"fleet.fetch." + press.String() + ".body.*": s.giveBody,
	} {
		if _, err := s.fleet.Subscribe(subject, hear); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.fleet.Flush(); err != nil {
		t.Fatal(err)
	}
	s.boot()
	return s
}

// boot starts an agent on what is left of the one before.
func (s *site) boot() {
	s.t.Helper()
	s.rig = run(s.t, fmt.Sprintf("runtime_enabled = true\nruntime.state_dir = %q\nruntime.podman_socket = %q\nruntime.exec_allow = [\"/service\"]\nlabels.site = \"north\"",
		s.dir, s.podman.Socket), s.server)
}

func (s *site) hearState(m *nats.Msg) {
	got, err := contract.DecodeState(m.Data, press)
	if err != nil {
		s.t.Errorf("a report is refused: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.hash = got, contract.ReportHash(m.Data)
	for _, w := range got.Workloads {
		s.phases[w.Name] = append(s.phases[w.Name], w.Phase)
	}
}

func (s *site) hearInfo(m *nats.Msg) {
	got, err := contract.DecodeInfo(m.Data, press)
	if err != nil {
		s.t.Errorf("an inventory is refused: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info = got
}

func (s *site) giveBody(m *nats.Msg) {
	digest := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]
	s.mu.Lock()
	body := s.bodies[digest]
	s.mu.Unlock()
	if body != nil {
		_ = s.fleet.Publish(contract.AnswerBodySubject(press, digest), body) // a test that needs it sees that it did not come
	}
}

func (s *site) giveManifest(*nats.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told != nil {
		_ = s.fleet.Publish(contract.AnswerManifestSubject(press), s.told) // a test that needs it sees that it did not come
	}
}

// workload makes an entry of what Podman says, and keeps its body to be fetched.
func (s *site) workload(n int, name string, generation int64, p contract.Podman) contract.Entry {
	s.t.Helper()
	body, digest, err := contract.Release{Podman: p}.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	s.bodies[digest.String()] = body
	s.mu.Unlock()
	uid, err := contract.ParseWorkloadUID(fmt.Sprintf("%08x-1111-4222-8333-444455556666", n))
	if err != nil {
		s.t.Fatal(err)
	}
	return contract.Entry{Namespace: "shop", Name: name, UID: uid, Generation: generation, Digest: digest, Want: contract.Present}
}

// early sends the device a content before it asks, and gives it to nobody who does.
func (s *site) early(e contract.Entry) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fleet.Publish(contract.AnswerBodySubject(press, e.Digest.String()), s.bodies[e.Digest.String()]); err != nil {
		s.t.Fatal(err)
	}
	delete(s.bodies, e.Digest.String())
}

// tell sends the device its whole desired state.
func (s *site) tell(entries ...contract.Entry) {
	s.t.Helper()
	s.number++
	s.publish(contract.Manifest{Plane: s.plane, Device: press, Order: contract.Order{Epoch: 1, Term: 1, Number: s.number}, Deployments: entries})
}

func (s *site) publish(m contract.Manifest) {
	s.t.Helper()
	data, err := m.Encode()
	if err == nil {
		s.mu.Lock()
		s.told = data
		s.mu.Unlock()
		err = s.fleet.Publish(contract.DesiredSubject(press), data)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// sees waits until the last report satisfies ok.
func (s *site) sees(what string, ok func(contract.State) bool) contract.State {
	s.t.Helper()
	var last contract.State
	err := wait.Until(s.t.Context(), what, wait.Pace{Limit: 3 * time.Minute}, func(context.Context) (string, bool, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		last = s.last
		return fmt.Sprintf("%+v %+v", last.Workloads, last.Findings), ok(last), nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return last
}

func is(e contract.Entry, phase contract.Phase, code diag.Code) func(contract.State) bool {
	return func(s contract.State) bool {
		return slices.ContainsFunc(s.Workloads, func(w contract.Workload) bool {
			return w.UID == e.UID && w.Digest == e.Digest && w.Phase == phase && w.Code == string(code)
		})
	}
}

func finds(kind contract.FindingKind, code diag.Code) func(contract.State) bool {
	return func(s contract.State) bool {
		return slices.ContainsFunc(s.Findings, func(f contract.Finding) bool { return f.Kind == kind && f.Code == string(code) })
	}
}

// ids gives the containers that run, by name.
func (s *site) ids() map[string]string {
	s.t.Helper()
	all, err := podman.New(s.podman.Socket).Containers(s.t.Context(), "io.nationtech.harmony.uid")
	if err != nil {
		s.t.Fatal(err)
	}
	ids := map[string]string{}
	for _, c := range all {
		ids[c.Names[0]] = c.ID
	}
	return ids
}

func (s *site) waits(args ...string) contract.Container {
	return contract.Container{Name: "web", Image: s.podman.Image, Args: append(args, "wait")}
}

func one(c contract.Container) contract.Podman {
	return contract.Podman{Services: []contract.Container{c}}
}
