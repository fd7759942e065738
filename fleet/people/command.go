// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package people

import (
	"encoding/json"
	"time"
)

// MaxLimit is the longest that a command may take.
const MaxLimit = 9 * time.Minute

// A Command is what devices are asked, all of them side by side.
type Command struct {
	// Verb is ping, logs, exec, restart, inspect or resync.
	Verb string `json:"verb"`
	// Devices names devices, and Selector chooses others by their labels. Without both, those that run the Deployment are asked.
	Devices  []string `json:"devices,omitempty"`
	Selector string   `json:"selector,omitempty"`
	// Namespace and Deployment name what logs, exec, restart and inspect are about. Without them it is the one workload that a
	// device has.
	Namespace  string `json:"namespace,omitempty"`
	Deployment string `json:"deployment,omitempty"`
	// Service names one of its services. Without it, logs and exec take the one that there is, and the others all.
	Service string `json:"service,omitempty"`
	// Tail is how many of the last lines logs tells, 100 when zero, and Follow goes on until the limit.
	Tail   int  `json:"tail,omitempty"`
	Follow bool `json:"follow,omitempty"`
	// Argv is what exec runs.
	Argv []string `json:"argv,omitempty"`
	// LimitSeconds bounds the whole: 10 when zero, that of MaxLimit at most.
	LimitSeconds int `json:"limit_seconds,omitempty"`
}

// An Event is a line of the answer to a Command. One of its parts is set. The last event is the summary: an answer without it is
// not whole.
type Event struct {
	Device string `json:"device,omitempty"`
	// Output is a piece of a log, as it was written.
	Output []byte `json:"output,omitempty"`
	// Lost is how many pieces or bytes of a log did not come through.
	Lost uint64 `json:"lost,omitempty"`
	// Answer is the device's last word, in the form of its verb: Pong, Exec, Inspection, or an empty object.
	Answer json.RawMessage `json:"answer,omitempty"`
	Error  *CommandError   `json:"error,omitempty"`
	// Summary ends the answer.
	Summary *Summary `json:"summary,omitempty"`
}

// A CommandError says why a device did not do what it was asked.
type CommandError struct {
	// Kind is "device offline", "timeout", "denied", "bad reply", "agent error", "transport" or "no workload".
	Kind string `json:"kind"`
	// Code is the agent's own; empty when it did not answer.
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
}

// A Summary counts the devices that were asked. Asked is the sum of the others.
type Summary struct {
	Request  string  `json:"request"`
	Asked    int     `json:"asked"`
	Answered int     `json:"answered"`
	Offline  int     `json:"offline"`
	Failed   int     `json:"failed"`
	Seconds  float64 `json:"seconds"`
}

// A Pong is the answer to ping.
type Pong struct {
	Agent string `json:"agent"`
	// Seconds is how long the answer took, seen from the operator.
	Seconds float64   `json:"seconds"`
	Started time.Time `json:"started"`
}

// An Exec is how a program ended.
type Exec struct {
	ExitCode  int    `json:"exit_code"`
	Output    []byte `json:"output"`
	Truncated bool   `json:"truncated,omitempty"`
}

// An Inspection is a workload as the device has it.
type Inspection struct {
	Phase      string      `json:"phase"`
	Release    int64       `json:"release"`
	Digest     string      `json:"digest"`
	Code       string      `json:"code,omitempty"`
	Message    string      `json:"message,omitempty"`
	Containers []Container `json:"containers"`
}

// A Container is one container as podman has it.
type Container struct {
	Name     string     `json:"name"`
	Image    string     `json:"image"`
	State    string     `json:"state"`
	Health   string     `json:"health,omitempty"`
	ExitCode int        `json:"exit_code"`
	Restarts int64      `json:"restarts"`
	Started  *time.Time `json:"started,omitempty"`
}
