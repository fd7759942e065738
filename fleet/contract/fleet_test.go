// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"nationtech.io/harmony/fleet/contract"
)

var (
	uid    = must(contract.ParseWorkloadUID("0b9d6f0e-1111-4222-8333-444455556666"))
	second = must(contract.ParseWorkloadUID("1b9d6f0e-1111-4222-8333-444455556666"))
	digest = contract.DigestOf([]byte("a release"))
)

func manifest() contract.Manifest {
	return contract.Manifest{
		Plane: plane, Device: device, Order: contract.Order{Epoch: 1, Term: 3, Number: 42},
		Deployments: []contract.Entry{
			{Namespace: "shop", Name: "web", UID: uid, Generation: 4, Digest: digest, Want: contract.Present},
			{Namespace: "shop", Name: "web", UID: second, Generation: 2, Digest: digest, Want: contract.Absent},
		},
	}
}

func release() contract.Release {
	return contract.Release{Podman: contract.Podman{
		InitContainers:     []contract.Container{{Name: "migrate", Image: "registry.test/shop/db:1", Args: []string{"up"}}},
		InitTimeoutSeconds: 60,
		Services: []contract.Container{{
			Name: "web", Image: "registry.test/shop/web:1", PullPolicy: contract.PullAlways, Command: []string{"/web"}, Args: []string{"-v"},
			Env: []contract.EnvVar{{Name: "GREETING", Value: "hello <b>"}}, User: "1000", Ports: []contract.Port{{Host: 8080, Container: 80}},
			Volumes:   []contract.Volume{{Name: "data", Path: "/data"}, {Host: "/etc/ssl", Path: "/ssl", ReadOnly: true}},
			Resources: contract.Resources{CPUMillis: 500, MemoryMiB: 64}, Restart: contract.RestartOnFailure,
			Health: &contract.HealthCheck{Command: []string{"/web", "health"}, IntervalSeconds: 5}, StopGraceSeconds: 3,
		}},
	}}
}

func state() contract.State {
	return contract.State{
		Device: device, Instance: instance, Machine: strings.Repeat("0f", 16), AgentVersion: "v0.1.0", Plane: plane,
		Order: contract.Order{Epoch: 1, Term: 3, Number: 42}, Manifest: digest,
		Workloads: []contract.Workload{{
			Namespace: "shop", Name: "web", UID: uid, Generation: 4, Digest: digest, Want: contract.Present, Phase: contract.Degraded,
			Code: "HRM0805", Message: "it ended", Restarts: 2, Since: moment.Truncate(1e9),
		}},
		Findings: []contract.Finding{{Kind: contract.FindingPlane, Plane: &plane, Code: "HRM0810", Message: "m", Since: moment.Truncate(1e9)}},
	}
}

func info() contract.Info {
	return contract.Info{
		Device: device, Instance: instance, AgentVersion: "v0.1.0", Boot: contract.Boot{OS: "linux", Arch: "arm64"}, Hostname: "press",
		CPUs: 4, MemoryBytes: 1 << 30, Disks: []contract.Disk{{Path: "/", Bytes: 1 << 34, UsedPercent: 35}}, Runtime: "podman 4.3.1",
		Labels: []contract.Label{{Name: "site", Value: "north"}},
	}
}

// fleetMessages are those that operator and agent live by, with how each is read back.
func fleetMessages() map[string]struct {
	data []byte
	want any
	read func([]byte) (any, error)
} {
	body, sum, err := release().Encode()
	must(body, err)
	target := contract.Target{UID: uid, Service: "web"}
	logs := contract.LogsReply{Device: device, Request: request, Sequence: 1, Data: []byte("line\n"), Last: true}
	exec := contract.ExecReply{Device: device, Request: request, ExitCode: 3, Output: []byte("no\n")}
	inspect := contract.InspectReply{
		Device: device, Request: request, Workload: state().Workloads[0],
		Containers: []contract.ContainerState{{Name: "web", Image: "i/i:1", State: "running", Health: "healthy", Started: moment.Truncate(1e9)}},
	}
	return map[string]struct {
		data []byte
		want any
		read func([]byte) (any, error)
	}{
		"manifest.json": {must(manifest().Encode()), manifest(), func(b []byte) (any, error) {
			m, _, err := contract.DecodeManifest(b, device)
			return m, err
		}},
		"release.json":     {body, release(), func(b []byte) (any, error) { return contract.DecodeRelease(b, sum) }},
		"state.json":       {must(state().Encode()), state(), func(b []byte) (any, error) { return contract.DecodeState(b, device) }},
		"info.json":        {must(info().Encode()), info(), func(b []byte) (any, error) { return contract.DecodeInfo(b, device) }},
		"args-target.json": {must(target.Encode()), target, func(b []byte) (any, error) { return contract.DecodeTarget(b) }},
		"args-logs.json": {
			must(contract.LogsArgs{Target: target, Tail: 5, Follow: true}.Encode()), contract.LogsArgs{Target: target, Tail: 5, Follow: true},
			func(b []byte) (any, error) { return contract.DecodeLogsArgs(b) },
		},
		"args-exec.json": {
			must(contract.ExecArgs{Target: target, Argv: []string{"id"}}.Encode()), contract.ExecArgs{Target: target, Argv: []string{"id"}},
			func(b []byte) (any, error) { return contract.DecodeExecArgs(b) },
		},
		"reply-done.json": {
			must(contract.DoneReply{Device: device, Request: request}.Encode()), contract.DoneReply{Device: device, Request: request},
			func(b []byte) (any, error) { return contract.DecodeDoneReply(b, asked) },
		},
		"reply-inspect.json": {must(inspect.Encode()), inspect, func(b []byte) (any, error) { return contract.DecodeInspectReply(b, asked) }},
		"reply-logs.json":    {must(logs.Encode()), logs, func(b []byte) (any, error) { return contract.DecodeLogsReply(b, asked) }},
		"reply-exec.json":    {must(exec.Encode()), exec, func(b []byte) (any, error) { return contract.DecodeExecReply(b, asked) }},
	}
}

func TestBytesOfTheFleet(t *testing.T) {
	for name, m := range fleetMessages() {
		t.Run(name, func(t *testing.T) {
			path := "testdata/" + name
			if *update {
				if err := os.WriteFile(path, m.data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden := must(os.ReadFile(path))
			if diff := cmp.Diff(string(golden), string(m.data)); diff != "" {
				t.Errorf("the bytes have changed (-golden +got):\n%s", diff)
			}
			got, err := m.read(golden)
			if diff := cmp.Diff(m.want, got, exact, cmp.AllowUnexported(contract.WorkloadUID{}, contract.Digest{})); err != nil || diff != "" {
				t.Errorf("%v, diff %s", err, diff)
			}
			for what, bad := range map[string][]byte{
				"nothing": nil, "half": golden[:len(golden)/2], "more": append(golden[:len(golden):len(golden)], '{'),
				"an unknown field": append([]byte(`{"x":1,`), golden[1:]...), "a null": []byte(strings.Replace(string(golden), `:"`, `:null,"z":"`, 1)),
				"another type": []byte(strings.Replace(string(golden), `/1"`, `/2"`, 1)),
			} {
				if what == "another type" && string(bad) == string(golden) {
					continue // arguments have no type of their own: the envelope has it
				}
				var refused *contract.Refusal
				if _, err := m.read(bad); !errors.As(err, &refused) {
					t.Errorf("%s: got %v, want a refusal", what, err)
				}
			}
		})
	}
}

func TestManifestsThatAreRefused(t *testing.T) {
	good := string(must(manifest().Encode()))
	for name, change := range map[string][2]string{
		"another device":               {"press-07", "oven-11"},
		"number zero":                  {`"number":42`, `"number":0`},
		"a number that JSON may round": {`"number":42`, `"number":9007199254740992`},
		"generation zero":              {`"generation":4`, `"generation":0`},
		"a want that is not known":     {`"present"`, `"maybe"`},
		"a namespace that is a path":   {`"shop"`, `"../x"`},
		"a UID twice":                  {second.String(), uid.String()},
		"entries out of order":         {`"shop"`, `"zoo"`},
		"two present under one name":   {`"absent"`, `"present"`},
		"a digest that is a word":      {digest.String(), "latest"},
		"no deployments":               {`,"deployments":`, `,"x":`},
		"adopting from itself":         {`,"deployments"`, `,"adopts":"` + plane.String() + `","deployments"`},
	} {
		if _, _, err := contract.DecodeManifest(replaced([]byte(good), change[0], change[1]), device); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	many := manifest()
	many.Deployments = nil
	for i := range contract.MaxPresent + 1 {
		id := must(contract.ParseWorkloadUID(fmt.Sprintf("%08x-1111-4222-8333-444455556666", i)))
		many.Deployments = append(many.Deployments, contract.Entry{Namespace: "a", Name: fmt.Sprint("n", i), UID: id, Generation: 1, Digest: digest, Want: contract.Present})
	}
	if _, err := many.Encode(); err == nil {
		t.Error("more workloads than fit into a report are accepted")
	}
}

func TestADeviceCanAlwaysReportAllThatItHas(t *testing.T) {
	s := state()
	s.Workloads = nil
	for i := range contract.MaxReported {
		w := state().Workloads[0]
		w.UID = must(contract.ParseWorkloadUID(fmt.Sprintf("%08x-1111-4222-8333-444455556666", i)))
		w.Namespace, w.Name = strings.Repeat("n", 63), strings.Repeat("m", 63)
		w.Generation, w.Restarts = 1<<53-1, 1<<53-1
		w.Code, w.Message = strings.Repeat("C", 40), strings.Repeat("\x01", 1000)
		s.Workloads = append(s.Workloads, w)
	}
	s.Findings = nil
	for range contract.MaxFindings {
		s.Findings = append(s.Findings, contract.Finding{
			Kind: contract.FindingPlane, Plane: &plane, Code: strings.Repeat("C", 40), Message: strings.Repeat("\x01", 1000), Since: moment.Truncate(1e9),
		})
	}
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := contract.DecodeState(data, device); err != nil {
		t.Error(err)
	}
}

func TestReleasesAsPeopleWriteThem(t *testing.T) {
	body, sum, err := release().Encode()
	must(body, err)
	spaced := `{ "services": [ {"image": "registry.test/a:1",  "name":"a"} ] }`
	a, err := contract.NewRelease(contract.PodmanType, []byte(spaced))
	must(a, err)
	_, one, _ := a.Encode()
	b := must(contract.NewRelease(contract.PodmanType, []byte(`{"services":[{"name":"a","image":"registry.test/a:1"}]}`)))
	if _, two, _ := b.Encode(); one != two {
		t.Error("spacing and order of fields change the digest")
	}
	for name, bad := range map[string]string{
		"no service":               `{"services":[]}`,
		"a field in another case":  `{"services":[{"name":"a","Image":"registry.test/a:1"}]}`,
		"a short image":            `{"services":[{"name":"a","image":"nginx"}]}`,
		"a name twice":             `{"services":[{"name":"a","image":"r/a:1"},{"name":"a","image":"r/a:1"}]}`,
		"a port twice":             `{"services":[{"name":"a","image":"r/a:1","ports":[{"host":1,"container":1},{"host":1,"container":2}]}]}`,
		"a volume with both":       `{"services":[{"name":"a","image":"r/a:1","volumes":[{"name":"x","host":"/x","path":"/x"}]}]}`,
		"a relative path":          `{"services":[{"name":"a","image":"r/a:1","volumes":[{"name":"x","path":"x"}]}]}`,
		"a path with an option":    `{"services":[{"name":"a","image":"r/a:1","volumes":[{"host":"/x:rw","path":"/x"}]}]}`,
		"an init with a port":      `{"services":[{"name":"a","image":"r/a:1"}],"initContainers":[{"name":"i","image":"r/a:1","ports":[{"host":1,"container":1}]}]}`,
		"a variable that is none":  `{"services":[{"name":"a","image":"r/a:1","env":[{"name":"A=B"}]}]}`,
		"a policy that is unknown": `{"services":[{"name":"a","image":"r/a:1","restart":"always"}]}`,
		"hostNetwork with ports":   `{"services":[{"name":"a","image":"r/a:1","hostNetwork":true,"ports":[{"host":1,"container":1}]}]}`,
	} {
		if _, err := contract.NewRelease(contract.PodmanType, []byte(bad)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	var refused *contract.Refusal
	if _, err := contract.DecodeRelease(append(body, ' '), sum); !errors.As(err, &refused) || refused.Code != contract.CodeWrongDigest {
		t.Errorf("other bytes than the digest's: %v", err)
	}
	if images := release().Images(); len(images) != 2 {
		t.Errorf("images %q", images)
	}
}

// FuzzFleetMessages holds every decoder to it that what it refuses is a Refusal or an ErrorReply, and none panics.
func FuzzFleetMessages(f *testing.F) {
	messages := fleetMessages()
	for _, m := range messages {
		f.Add(m.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for name, m := range messages {
			got, err := m.read(data)
			var refused *contract.Refusal
			var told *contract.ErrorReply
			if err != nil && !errors.As(err, &refused) && !errors.As(err, &told) {
				t.Fatalf("%s: %v", name, err)
			}
			if s, ok := got.(contract.State); ok && err == nil {
				if again := must(s.Encode()); len(again) == 0 {
					t.Fatal("a state that was accepted cannot be written")
				}
			}
			if m, ok := got.(contract.Manifest); ok && err == nil {
				must(m.Encode())
			}
		}
		if r, err := contract.NewRelease(contract.PodmanType, data); err == nil {
			body, sum, err := r.Encode()
			must(body, err)
			must(contract.DecodeRelease(body, sum))
		}
	})
}
