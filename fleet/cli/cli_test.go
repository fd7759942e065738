// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/people"
)

// spoken gives a session with a leader that answers each path with a text.
func spoken(t *testing.T, answers map[string]string) *session {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			text = `{"code":"HRM0608","saw":["it is not there"],"try":["look elsewhere"]}`
		}
		fmt.Fprint(w, text)
	}))
	t.Cleanup(server.Close)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", server.Listener.Addr().String())
	}
	return &session{options: options{fleet: "fleet"}, http: &http.Client{Transport: &http.Transport{DialTLSContext: dial}}}
}

func is(t *testing.T, err error, code diag.Code, text string) {
	t.Helper()
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != code || !strings.Contains(fmt.Sprint(d.Evidence, d.Help, d.Cause), text) {
		t.Errorf("got %+v, want %s with %q", err, code, text)
	}
}

func TestWhatTheLeaderRefusesIsToldAsItSaysIt(t *testing.T) {
	var d people.Device
	err := spoken(t, nil).get(t.Context(), people.DevicesPath+"/press-1", &d)
	is(t, err, diag.NotInFleet, "it is not there")
	is(t, err, diag.NotInFleet, "look elsewhere")
	is(t, spoken(t, map[string]string{people.DevicesPath: "<html>"}).get(t.Context(), people.DevicesPath, &d), diag.NobodyLeads, "invalid character")
}

func TestAnAnswerThatBreaksOffIsNotTakenForAll(t *testing.T) {
	s := spoken(t, map[string]string{people.CommandsPath: `{"device":"press-1","answer":{}}` + "\n"})
	heard := 0
	_, err := s.command(t.Context(), people.Command{Verb: "ping"}, func(people.Event) error { heard++; return nil })
	if is(t, err, diag.NobodyLeads, "EOF"); heard != 1 {
		t.Errorf("heard %d events", heard)
	}
}

func TestARolloutThatFailsEndsTheWait(t *testing.T) {
	path := people.DeploymentsPath + "/fleet/web"
	silent := func(now string) { t.Errorf("whose end is known says on the way: %s", now) }
	for text, want := range map[string]string{
		`{"name":"web","matched":2,"ready":1,"failed":1,"last_error":{"device":"press-2","code":"HRM0802"}}`: "press-2: HRM0802",
		`{"name":"web"}`: "0 of 0 devices ready",
	} {
		_, err := spoken(t, map[string]string{path: text}).settled(t.Context(), "web", time.Hour, silent)
		is(t, err, diag.RolloutUnfinished, want)
	}
	_, err := spoken(t, map[string]string{path: `{"name":"web","matched":2,"ready":1,"pending":1}`}).settled(t.Context(), "web", 0, silent)
	is(t, err, diag.RolloutUnfinished, "1 pending")
	d, err := spoken(t, map[string]string{path: `{"name":"web","matched":2,"ready":1,"offline":1}`}).settled(t.Context(), "web", time.Hour, silent)
	if err != nil || d.Ready != 1 {
		t.Errorf("%+v: %v", d, err)
	}
}

func TestAFailureThatHealsInAMomentDoesNotEndTheWait(t *testing.T) {
	path := people.DeploymentsPath + "/fleet/web"
	answers := map[string]string{path: `{"name":"web","matched":1,"failed":1}`}
	s := spoken(t, answers)
	s.lasting = time.Hour
	d, err := s.settled(t.Context(), "web", 2*time.Hour, func(string) { answers[path] = `{"name":"web","matched":1,"ready":1}` })
	if err != nil || d.Ready != 1 {
		t.Errorf("%+v: %v", d, err)
	}
}

func TestOnlyDeploymentsAndDevicesAreApplied(t *testing.T) {
	for text, want := range map[string]string{
		"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n":                        `"Deployment" of "apps/v1"`,
		"apiVersion: fleet.nationtech.io/v1alpha1\nkind: FleetState\nmetadata: {name: fleet}\n": `"FleetState"`,
		"# nothing\n": "no object",
		"a: [\n":      "yaml",
	} {
		p := &program{streams: cli.Streams{In: strings.NewReader(text)}, options: options{fleet: "fleet"}}
		_, err := p.objects("-")
		is(t, err, diag.ObjectsRefused, want)
	}
	p := &program{streams: cli.Streams{In: strings.NewReader("apiVersion: fleet.nationtech.io/v1alpha1\nkind: Deployment\nmetadata: {name: web}\n---\n# no more\n")}, options: options{fleet: "fleet"}}
	all, err := p.objects("-")
	if err != nil || len(all) != 1 || all[0].GetNamespace() != "fleet" {
		t.Errorf("%v: %v", all, err)
	}
}

func TestWhatTheOperatorWouldRefuseIsNotApplied(t *testing.T) {
	plan := people.Plan{Changes: []people.Change{{Kind: "Device", Name: "press-07"}, {Kind: "Deployment", Namespace: "shop", Name: "web", Refused: "it names no service"}}}
	is(t, unwelcome(plan), diag.ObjectsRefused, "it names no service")
	if err := unwelcome(people.Plan{Changes: plan.Changes[:1]}); err != nil {
		t.Error(err)
	}
}

func TestADeviceIsDescribedWithTheReasonAndTheNextStep(t *testing.T) {
	now := time.Now()
	since := now.Add(-72 * time.Hour)
	d := people.Device{
		Name: "press-07", Online: true, Since: &since, Inventory: people.Inventory{
			Agent: "0.4.1", OS: "linux", Arch: "arm64", Kernel: "6.12", CPUs: 4, MemoryBytes: 8 << 30, Hostname: "press", Runtime: "podman 5.4.0",
			Disks: []people.Disk{{Path: "/", Bytes: 60 << 30}, {Path: "/var/lib/harmony", Bytes: 500 << 20}}, Reported: map[string]string{"rack": "7"},
		}, Labels: map[string]string{"site": "lyon", "line": "2"},
		Workloads: []people.Workload{{
			Namespace: "shop", Name: "thermostat", Wanted: true, Release: 12, Held: &people.Held{Release: 11, Phase: "Running"}, Standing: "Pending",
			Reason: &people.Reason{Code: "Outdated", Why: "it is on its way", Next: "wait"},
		}},
	}
	var b bytes.Buffer
	if err := writeDevice(&b, d, now); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"press-07   online for 3 d 0 h, agent 0.4.1, linux/arm64", "labels line=2,site=lyon",
		"says    hostname press, 4 CPUs, memory 8 GiB, disks / 60 GiB and /var/lib/harmony 500 MiB, podman 5.4.0, labels rack=7",
		"shop/thermostat   wants release 12, has release 11 (Running): Pending", "why     Outdated: it is on its way", "next    wait",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}

func TestWhatADeviceDoesNotSayOfItselfIsNoFigure(t *testing.T) {
	var b bytes.Buffer
	if err := writeDevice(&b, people.Device{Name: "press-07"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if want := "says    hostname -, - CPUs, memory -, disks -, no runtime, labels -"; !strings.Contains(b.String(), want) {
		t.Errorf("%q is missing in\n%s", want, b.String())
	}
}

func TestAWideListOfDevicesHasTheirSizes(t *testing.T) {
	rows := deviceRows([]people.Device{{Name: "press-07", Inventory: people.Inventory{CPUs: 4, MemoryBytes: 3995 << 20, OS: "linux"}}}, true, time.Now())
	got := map[string]string{}
	for i, name := range rows[0] {
		got[name] = rows[1][i]
	}
	if got["CPUS"] != "4" || got["MEMORY"] != "3.9 GiB" || got["OS"] != "linux" {
		t.Errorf("%v", got)
	}
}
