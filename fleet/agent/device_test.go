// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

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
