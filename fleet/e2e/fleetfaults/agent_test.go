// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

// agents are faults of a real device.
func agents() (all []fault) {
	all = []fault{
		{name: "agent-killed", do: func(w *world) { w.killAgent(); w.killAgent(); w.killAgent() }},
		{name: "podman-killed", do: func(w *world) { w.killPodman(); w.killPodman(); w.killPodman() }},
		{name: "device-powered-off", do: cutPower},
		{name: "agent-state-deleted", do: func(w *world) { w.rewrite(os.Remove) }},
		{name: "agent-state-corrupted", do: func(w *world) { w.rewrite(w.corrupt) }},
		{name: "disk-full", do: fill, small: true},
		{name: "clock-jumped", do: jump, clock: true},
		{name: "name-and-port-reused", do: reusePort, flags: []string{"--offline-limit", "3s"}},
		{name: "agent-half-open", do: func(w *world) { w.halve(w.near, 3) }},
	}
	for i := range all {
		all[i].devices, all[i].real = 4, 1
	}
	return all
}

func (w *world) killAgent() {
	w.moment(500*time.Millisecond, 4*time.Second)
	w.real().agent.kill()
}

func (w *world) killPodman() {
	w.moment(500*time.Millisecond, 4*time.Second)
	check(w.t, w.real().Podman.Kill())
}

// cutPower takes the power from the device while it is told something new.
func cutPower(w *world) {
	w.moment(500*time.Millisecond, 4*time.Second)
	r := w.real()
	r.cut = true
	r.agent.is().signal(syscall.SIGKILL)
	r.Podman.Cut()
	r.agent.down()
	w.moment(time.Second, 5*time.Second)
	check(w.t, r.Podman.Boot(w.t.Context()))
	check(w.t, r.agent.up())
}

// rewrite does something to the state file while the agent is down.
func (w *world) rewrite(do func(file string) error) {
	w.moment(500*time.Millisecond, 4*time.Second)
	r := w.real()
	r.agent.down()
	check(w.t, do(filepath.Join(r.dir, "state.db")))
	check(w.t, r.agent.up())
}

// corrupt overwrites a part of a file with what is random.
func (w *world) corrupt(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for i := len(text) / 8; i < len(text)/2; i++ {
		text[i] = byte(w.random.Uint32())
	}
	return os.WriteFile(file, text, 0o600)
}

// fill fills the disk of the agent, and asks for something new meanwhile.
func fill(w *world) {
	w.moment(500*time.Millisecond, 2*time.Second)
	free, err := w.real().full(w.t.Context())
	check(w.t, err)
	w.moment(6*time.Second, 10*time.Second)
	if n := w.real().lost(); n > 0 {
		w.t.Errorf("while the disk is full, what runs is taken away")
	}
	check(w.t, free())
}

// jump sets the clock of the agent half an hour forward, and back.
func jump(w *world) {
	for _, signal := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2} {
		w.moment(500*time.Millisecond, 3*time.Second)
		w.real().agent.is().signal(signal)
		w.moment(4*time.Second, 6*time.Second)
		w.calm()
		w.settled(heals)
		w.load()
	}
	text, err := os.ReadFile(filepath.Join(w.dir, "agent.log"))
	check(w.t, err)
	if !strings.Contains(string(text), "it was set by 30m0s") || !strings.Contains(string(text), "it was set by -30m0s") {
		w.t.Errorf("the agent does not know that its clock jumped:\n%s", text)
	}
}

// jumping builds the agent with a clock that signals set forward and back.
func jumping(w *world) string {
	w.t.Helper()
	clock := filepath.Join(runtime.GOROOT(), "src", "time", "time.go") //nolint:staticcheck // it is that of the program that builds
	text, err := os.ReadFile(clock)
	check(w.t, err)
	const reads = "sec, nsec, mono := runtimeNow()\n"
	if !strings.Contains(string(text), reads) {
		w.t.Fatalf("%s reads the clock in another way", clock)
	}
	moved := strings.Replace(string(text), reads, reads+"\tsec += Moved\n", 1) + "\n// Moved is by how many seconds the clock was set.\nvar Moved int64\n"
	const signals = "package main\n\nimport (\n\t\"os\"\n\t\"os/signal\"\n\t\"syscall\"\n\t\"time\"\n)\n\nfunc init() {\n\tc := make(chan os.Signal, 1)\n" +
		"\tsignal.Notify(c, syscall.SIGUSR1, syscall.SIGUSR2)\n\tgo func() {\n\t\tfor s := range c {\n\t\t\ttime.Moved = 0\n\t\t\tif s == syscall.SIGUSR1 {\n\t\t\t\ttime.Moved = 1800\n\t\t\t}\n\t\t}\n\t}()\n}\n"
	root, err := filepath.Abs("../../..")
	check(w.t, err)
	files := map[string]string{}
	for to, text := range map[string]string{clock: moved, filepath.Join(root, "cmd", "harmony-fleet-agent", "jump.go"): signals} {
		from := filepath.Join(w.dir, filepath.Base(to))
		check(w.t, os.WriteFile(from, []byte(text), 0o600))
		files[to] = from
	}
	overlay, err := json.Marshal(map[string]any{"Replace": files})
	check(w.t, err)
	check(w.t, os.WriteFile(filepath.Join(w.dir, "overlay.json"), overlay, 0o600))
	program := filepath.Join(w.dir, "agent-with-a-clock")
	build := exec.CommandContext(w.t.Context(), "go", "build", "-overlay", filepath.Join(w.dir, "overlay.json"), "-o", program, "nationtech.io/harmony/cmd/harmony-fleet-agent")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		w.t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// reusePort gives a name and a port to another Deployment, while the device is on, and while it is off.
func reusePort(w *world) {
	port := contract.Port{Host: 18080, Container: 8080}
	shop := func() {
		c := w.any()
		c.Ports = []contract.Port{port}
		check(w.t, w.put(w.t.Context(), "shop", map[string]string{realLabel: "yes"}, c))
	}
	shop()
	w.calm()
	w.settled(heals)
	w.load()
	for _, off := range []bool{false, true} {
		if off {
			w.real().agent.down()
			check(w.t, wait.Sleep(w.t.Context(), offline))
		}
		check(w.t, w.drop(w.t.Context(), "shop"))
		check(w.t, w.gone("shop"))
		shop()
	}
	check(w.t, w.real().agent.up())
}
