// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
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
	info   contract.Info
	hash   string
}

func build(t *testing.T) *site {
	t.Helper()
	return buildOn(t, podmantest.Start(t))
}

func buildOn(t *testing.T, machine podmantest.Machine) *site {
	t.Helper()
	s := &site{t: t, podman: machine, server: natstest.Start(t, devices()), plane: contract.NewPlaneID(), dir: t.TempDir(), bodies: map[string][]byte{}}
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

func TestAWorkloadIsRunChangedKeptAndRemoved(t *testing.T) {
	lives(t, build(t), contract.Resources{CPUMillis: 500, MemoryMiB: 64})
}

// lives lets a workload live from its beginning to its end.
func lives(t *testing.T, s *site, r contract.Resources) {
	t.Helper()
	c := s.waits("exists=/data/made", "serve=:8080")
	c.Env, c.Ports = []contract.EnvVar{{Name: "ANSWER", Value: "hello"}}, []contract.Port{{Host: 18471, Container: 8080}}
	c.Volumes = []contract.Volume{{Name: "data", Path: "/data"}}
	c.Resources = r
	c.Health = &contract.HealthCheck{Command: []string{"/service", "exists=/data/made"}, IntervalSeconds: 1}
	p := one(c)
	p.InitContainers = []contract.Container{{Name: "make", Image: s.podman.Image, Args: []string{"write=/data/made:x"}, Volumes: c.Volumes}}
	web := s.workload(1, "web", 1, p)
	s.tell(web)
	s.sees("that it runs", is(web, contract.Running, ""))
	s.serves("hello")
	before := s.ids()

	s.end()
	s.boot() // as after a reboot, and nothing is told again
	s.sees("that it still runs", func(r contract.State) bool { return r.Instance == s.instance && is(web, contract.Running, "")(r) })
	if after := s.ids(); len(after) != 1 || after["shop.web.web"] != before["shop.web.web"] {
		t.Errorf("a second pass changed %v to %v", before, after)
	}

	p.Services[0].Env[0].Value = "good day"
	changed := s.workload(1, "web", 2, p)
	s.tell(changed)
	s.sees("the other release", is(changed, contract.Running, ""))
	s.serves("good day")

	s.tell()
	s.sees("that it is unlisted", is(changed, contract.Unlisted, ""))
	s.serves("good day")

	changed.Want, changed.Generation = contract.Absent, 3
	s.tell(changed)
	s.sees("that it is gone", func(r contract.State) bool { return len(r.Workloads) == 0 && r.Order.Number == s.number })
	if left := s.ids(); len(left) != 0 {
		t.Errorf("containers are left: %v", left)
	}
	again := one(s.waits("exists=/data/made"))
	again.Services[0].Volumes = c.Volumes
	heir := s.workload(2, "web", 1, again)
	s.early(heir) // and it is not there to be fetched
	s.tell(heir)
	s.sees("that its volume was kept", is(heir, contract.Running, ""))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.info.Runtime == "" || s.info.CPUs == 0 || s.info.MemoryBytes == 0 || len(s.info.Disks) == 0 || len(s.info.Labels) != 1 {
		t.Errorf("inventory %+v", s.info)
	}
}

func TestWhatIsWrongIsReported(t *testing.T) {
	s := build(t)
	missing, failing, ending, sick := s.waits(), s.waits(), s.waits(), s.waits()
	missing.Image = s.podman.Missing()
	ending.Args = []string{"exit=3"}
	once := ending
	once.Restart = contract.RestartNever
	sick.Health = &contract.HealthCheck{Command: []string{"/service", "exit=1"}, IntervalSeconds: 1, Retries: 1}
	local := s.waits()
	local.Image, local.PullPolicy = s.podman.Missing(), contract.PullNever
	badly := s.waits()
	badly.User = "nobody-of-that-name"
	p := one(failing)
	p.InitContainers = []contract.Container{{Name: "init", Image: s.podman.Image, Args: []string{"say=no way", "exit=4"}}}
	slow := one(s.waits())
	slow.InitTimeoutSeconds = 1
	slow.InitContainers = []contract.Container{{Name: "init", Image: s.podman.Image, Args: []string{"wait"}}}
	cases := []struct {
		entry contract.Entry
		phase contract.Phase
		code  diag.Code
	}{
		{s.workload(1, "missing", 1, one(missing)), contract.Failed, diag.ImageNotPulled},
		{s.workload(2, "init", 1, p), contract.Failed, diag.InitFailed},
		{s.workload(3, "slow", 1, slow), contract.Failed, diag.InitFailed},
		{s.workload(4, "ending", 1, one(ending)), contract.Degraded, diag.ServiceEnded},
		{s.workload(5, "once", 1, one(once)), contract.Failed, diag.ServiceEnded},
		{s.workload(6, "sick", 1, one(sick)), contract.Degraded, diag.Unhealthy},
		{s.workload(7, "never", 1, one(local)), contract.Failed, diag.ImageNotPulled},
		{s.workload(8, "badly", 1, one(badly)), contract.Failed, diag.NotStarted},
		{s.workload(9, "lost", 1, one(s.waits("say=lost"))), contract.Failed, diag.ContentMissing},
		{s.workload(10, "strange", 1, one(s.waits("say=strange"))), contract.Failed, diag.ContentRefused},
	}
	strange := []byte(`{"type":"PodmanV9","data":{}}`)
	cases[9].entry.Digest = contract.DigestOf(strange)
	s.bodies[cases[9].entry.Digest.String()] = strange
	var all []contract.Entry
	for _, c := range cases {
		all = append(all, c.entry)
	}
	s.mu.Lock()
	delete(s.bodies, cases[8].entry.Digest.String())
	s.mu.Unlock()
	s.tell(all...)
	for _, c := range cases {
		s.sees(c.entry.Name+" with "+string(c.code), is(c.entry, c.phase, c.code))
	}
}

func TestManifestsThatAreNotObeyedAreReported(t *testing.T) {
	s := build(t)
	web := s.workload(1, "web", 5, one(s.waits()))
	s.tell(web)
	s.sees("that it runs", is(web, contract.Running, ""))
	s.publish(contract.Manifest{Plane: s.plane, Device: press, Order: contract.Order{Epoch: 1, Term: 1, Number: 1}, Deployments: []contract.Entry{}})
	s.sees("stale", finds(contract.FindingStale, diag.ManifestStale))
	stranger := contract.Manifest{Plane: contract.NewPlaneID(), Device: press, Order: contract.Order{Epoch: 9, Term: 9, Number: 9}}
	s.publish(stranger)
	s.sees("another plane", finds(contract.FindingPlane, diag.PlaneUnknown))
	if err := s.fleet.Publish(contract.DesiredSubject(press), []byte("garbage")); err != nil {
		t.Fatal(err)
	}
	s.sees("garbage", finds(contract.FindingRefused, diag.ManifestRefused))
	older := web
	older.Generation, older.Want = 4, contract.Absent
	s.tell(older)
	s.sees("ahead", is(web, contract.Ahead, diag.GenerationAhead))
	stranger.Adopts = s.plane
	s.publish(stranger)
	s.sees("that it was adopted and runs unlisted", func(r contract.State) bool {
		return r.Plane == stranger.Plane && is(web, contract.Unlisted, "")(r)
	})
	if len(s.ids()) != 1 {
		t.Errorf("what was never unwanted is gone: %v", s.ids())
	}
}

func TestAStateFileThatIsLostLosesNoWorkload(t *testing.T) {
	s := build(t)
	web := s.workload(1, "web", 5, one(s.waits()))
	s.tell(web)
	s.sees("that it runs", is(web, contract.Running, ""))
	before := s.ids()
	s.end()
	spoil(t, s.dir+"/state.db")
	s.boot()
	s.sees("that it was lost", finds(contract.FindingLost, diag.StateLost))
	s.tell(web)
	s.sees("that it runs", is(web, contract.Running, ""))
	if after := s.ids(); after["shop.web.web"] != before["shop.web.web"] {
		t.Errorf("it was made anew: %v, %v", before, after)
	}
}

// serves waits until the workload answers with that.
func (s *site) serves(want string) {
	s.t.Helper()
	client := &http.Client{Transport: s.podman.Transport(s.t)}
	err := wait.Until(s.t.Context(), "an answer", wait.Pace{Limit: 20 * time.Second}, func(ctx context.Context) (string, bool, error) {
		got := get(ctx, client)
		return got, got == want, nil
	})
	if err != nil {
		s.t.Error(err)
	}
}

func spoil(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, []byte("this is no state file"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func get(ctx context.Context, client *http.Client) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:18471/", nil)
	if err != nil {
		return err.Error()
	}
	answer, err := client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}
