// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/people"
)

// A log is written by several.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// commanded gives a server on a real NATS, on which press-1 answers pings and tells a log in two pieces, with the second missing.
func commanded(t *testing.T, rights ...string) (url string, log *journal) {
	t.Helper()
	press, err := contract.ParseDeviceID("press-1")
	if err != nil {
		t.Fatal(err)
	}
	hub := natstest.Start(t, map[contract.DeviceID]string{press: "p"})
	device := hub.Device(press)
	say := func(request contract.RequestID, r interface{ Encode() ([]byte, error) }) {
		data, err := r.Encode()
		if err == nil {
			err = device.Publish(contract.ReplySubject(press, request), data)
		}
		if err != nil {
			t.Error(err)
		}
	}
	_, err = device.Subscribe(contract.CommandSubjects(press), func(m *nats.Msg) {
		verb, _ := contract.VerbOf(press, m.Subject)
		c, err := contract.DecodeCommand(m.Data, verb, contract.Receiver{Device: press, Now: time.Now()})
		if err != nil || c.Caller != "ada" {
			t.Errorf("%+v: %v", c, err)
		}
		if verb == contract.VerbLogs {
			say(c.Request, contract.LogsReply{Device: press, Request: c.Request, Sequence: 1, Data: []byte("one\n")})
			say(c.Request, contract.LogsReply{Device: press, Request: c.Request, Sequence: 3, Data: []byte("three\n"), Last: true})
			return
		}
		args, err := contract.DecodePingArgs(c.Args)
		if err != nil {
			t.Error(err)
		}
		run, err := contract.ParseInstanceID(instance)
		if err != nil {
			t.Error(err)
		}
		say(c.Request, contract.PingReply{Device: press, Request: c.Request, Nonce: args.Nonce, AgentVersion: "v1", Instance: run, StartedAt: time.Now()})
	})
	if err == nil {
		err = device.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	conn := hub.Fleet()
	s := served(t, rights...)
	log = &journal{}
	s.Log = slog.New(slog.NewJSONHandler(log, nil))
	s.Ask = func(caller string, request contract.RequestID) command.Client {
		return command.Client{Conn: conn, Caller: caller, Request: request}
	}
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return server.URL, log
}

// commands sends a command as ada, and gives every event.
func commands(t *testing.T, url, body string) (all []people.Event) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+people.CommandsPath, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer ada")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	for d := json.NewDecoder(answer.Body); ; {
		var e people.Event
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%d: %v", answer.StatusCode, err)
		}
		all = append(all, e)
	}
}

func TestACommandAsksManyAndCountsThoseThatAreOffline(t *testing.T) {
	url, log := commanded(t, "create devices ping")
	all := commands(t, url, `{"verb":"ping","selector":"kind=press"}`)
	last := all[len(all)-1].Summary
	if len(all) != 3 || last == nil || last.Asked != 2 || last.Answered != 1 || last.Offline != 1 || last.Failed != 0 {
		t.Fatalf("%+v %+v", all, last)
	}
	for _, e := range all[:2] {
		var pong people.Pong
		switch {
		case e.Device == "press-2" && e.Error != nil && e.Error.Kind == kindOffline:
		case e.Device == "press-1" && json.Unmarshal(e.Answer, &pong) == nil && pong.Agent == "v1":
		default:
			t.Errorf("%+v", e)
		}
	}
	for _, want := range []string{`"caller":"ada"`, `"devices":["press-1","press-2"]`, `"request":"` + last.Request, "1 answered, 1 offline, 0 failed of 2"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the audit has no %s:\n%s", want, log)
		}
	}
}

func TestALogComesInPiecesAndSaysWhatIsMissing(t *testing.T) {
	url, _ := commanded(t, "create devices logs")
	all := commands(t, url, `{"verb":"logs","devices":["press-1"],"namespace":"fleet","deployment":"web","service":"main"}`)
	if len(all) != 4 || string(all[0].Output) != "one\n" || all[0].Lost != 0 || string(all[1].Output) != "three\n" || all[1].Lost != 1 || all[3].Summary.Answered != 1 {
		t.Errorf("%+v", all)
	}
}

func TestAWorkloadThatIsNotCertainIsAskedFor(t *testing.T) {
	url, _ := commanded(t, "create devices")
	for body, text := range map[string]string{
		`{"verb":"logs","devices":["press-1"]}`:                                         "name one of its services: main, side",
		`{"verb":"restart","devices":["press-1"],"namespace":"shop","deployment":"db"}`: "nothing of Deployment shop/db; there are: web",
		`{"verb":"inspect","devices":["press-2"]}`:                                      "it has 0 workloads",
	} {
		all := commands(t, url, body)
		if all[0].Error == nil || all[0].Error.Kind != kindNoWorkload || !strings.Contains(all[0].Error.Message, text) {
			t.Errorf("%s: %+v", body, all[0].Error)
		}
	}
}

func TestACommandThatIsNotUnderstoodAsksNobody(t *testing.T) {
	s := served(t, "create devices")
	for body, text := range map[string]string{
		`{"verb":"format","devices":["press-1"]}`:                      `"format" is no command`,
		`{"verb":"ping"}`:                                              "no device",
		`{"verb":"ping","selector":"kind in"}`:                         "no selector",
		`{"verb":"ping","devices":["press-1"],"limit_seconds":3600}`:   "limit",
		`{"verb":"exec","devices":["press-1"]}`:                        "program",
		`{"verb":"ping","devices":["press-1"],"argv":["/bin/sh"]}`:     "program",
		`{"verb":"logs","devices":["press-1"],"tail":1000000}`:         "tail",
		`{"verb":"ping","devices":["press-1"],"shell":"/bin/sh -c x"}`: "not understood",
	} {
		fails(t, s, http.MethodPost, people.CommandsPath, body, http.StatusBadRequest, diag.QuestionRefused, text)
	}
	fails(t, s, http.MethodPost, people.CommandsPath, `{"verb":"ping","devices":["press-9"]}`, http.StatusNotFound, diag.NotInFleet, "press-9 is not enrolled")
	fails(t, s, http.MethodPost, people.CommandsPath, `{"verb":"ping","selector":"kind=lathe"}`, http.StatusNotFound, diag.NotInFleet, "no device")
}

func TestARightMayBeForOneDeviceAlone(t *testing.T) {
	url, log := commanded(t, "create devices ping  press-1")
	if all := commands(t, url, `{"verb":"ping","devices":["press-1"]}`); all[1].Summary.Answered != 1 {
		t.Errorf("%+v", all)
	}
	s := served(t, "create devices ping  press-1")
	s.Log = slog.New(slog.NewJSONHandler(log, nil))
	fails(t, s, http.MethodPost, people.CommandsPath, `{"verb":"ping","selector":"kind=press"}`, http.StatusForbidden, diag.RightMissing, "create devices/ping.fleet.nationtech.io")
	fails(t, s, http.MethodPost, people.CommandsPath, `{"verb":"exec","devices":["press-1"],"argv":["/bin/ls"]}`, http.StatusForbidden, diag.RightMissing, "create devices/exec")
	if strings.Count(log.String(), `"outcome":"refused: `) != 2 || !strings.Contains(log.String(), `"devices":["press-1"],"count":1,"selector":"","deployment":"/","service":"","argv":["/bin/ls"],"outcome":"refused: `) {
		t.Errorf("the audit does not say what was refused:\n%s", log)
	}
}

// One that is refused is told the same, whether there is what it asks about or not.
func TestWhoLacksARightLearnsNothingOfWhoThereIs(t *testing.T) {
	s := served(t, "create devices ping  press-1")
	refusal := func(body string) people.Problem {
		var p people.Problem
		ask(t, s, http.MethodPost, people.CommandsPath, body, http.StatusForbidden, &p)
		return p
	}
	for is, not := range map[string]string{
		`{"verb":"ping","devices":["press-1"],"selector":"kind=oven"}`: `{"verb":"ping","devices":["press-1"],"selector":"kind=lathe"}`,
		`{"verb":"ping","selector":"kind=press"}`:                      `{"verb":"ping","selector":"kind=lathe"}`,
		`{"verb":"ping","namespace":"fleet","deployment":"web"}`:       `{"verb":"ping","namespace":"fleet","deployment":"none"}`,
		`{"verb":"ping","namespace":"shop","deployment":"db"}`:         `{"verb":"ping","namespace":"elsewhere","deployment":"db"}`,
		`{"verb":"exec","argv":["/bin/ls"],"devices":["press-1"]}`:     `{"verb":"exec","argv":["/bin/ls"],"devices":["press-9"]}`,
	} {
		one, other := refusal(is), refusal(not)
		other.Saw[0] = strings.ReplaceAll(other.Saw[0], "press-9", "press-1")
		if diff := cmp.Diff(one, other); diff != "" || strings.Contains(strings.Join(one.Saw, " "), "press-2") {
			t.Errorf("%s and %s are answered otherwise: %s", is, not, diff)
		}
	}
	fails(t, s, http.MethodPost, people.CommandsPath, `{"verb":"ping","devices":["press-9"]}`, http.StatusForbidden, diag.RightMissing, "press-9")
	var p people.Problem
	ask(t, served(t, "create devices ping  press-9"), http.MethodPost, people.CommandsPath, `{"verb":"ping","devices":["press-9"]}`, http.StatusNotFound, &p)
}
