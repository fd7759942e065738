// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"time"
)

// What a device can be asked beside a ping.
const (
	VerbResync  Verb = "resync"  // send the full reports now, and fetch the manifest; answered with a DoneReply
	VerbRestart Verb = "restart" // stop and start services; answered with a DoneReply
	VerbInspect Verb = "inspect" // tell all about a workload; answered with an InspectReply
	VerbLogs    Verb = "logs"    // tell what services say; answered with LogsReplies, the last of which says so
	VerbExec    Verb = "exec"    // run a program within a service; answered with an ExecReply
)

const (
	doneReplyType    = "reply/done/1"
	inspectReplyType = "reply/inspect/1"
	logsReplyType    = "reply/logs/1"
	execReplyType    = "reply/exec/1"

	// MaxOutput is how many bytes of output one reply carries; base64 makes that a third more.
	MaxOutput = 32 << 10
	// MaxTail is how many lines of a log can be asked for.
	MaxTail = 10_000
)

// NoArgs are the arguments of a command that has none.
func NoArgs() json.RawMessage { return json.RawMessage("{}") }

// A Target names what a command is about.
type Target struct {
	UID WorkloadUID `json:"uid"`
	// Service names one service of the workload; empty for all, where the verb can do that.
	Service string `json:"service,omitempty"`
}

func (t Target) complete(required bool) *Refusal {
	if t.UID.IsZero() || t.Service != "" && !isLabel(t.Service) || required && t.Service == "" {
		return refuse(CodeMalformed, "uid is required, a UUID; service is a label, and required by logs and exec")
	}
	return nil
}

// LogsArgs are the arguments of logs.
type LogsArgs struct {
	Target
	// Tail is how many of the last lines are told: 100 when zero, MaxTail at most.
	Tail int `json:"tail,omitempty"`
	// Follow goes on until the deadline of the command.
	Follow bool `json:"follow,omitempty"`
}

// ExecArgs are the arguments of exec.
type ExecArgs struct {
	Target
	// Argv is the program with its arguments: 1 to 64, no shell is put before them.
	Argv []string `json:"argv"`
}

// Encode gives the arguments for Command.Args. Its error is a *Refusal.
func (t Target) Encode() (json.RawMessage, error) {
	if r := t.complete(false); r != nil {
		return nil, r
	}
	return encode(t, MaxCommand)
}

// Encode gives the arguments for Command.Args. Its error is a *Refusal.
func (a LogsArgs) Encode() (json.RawMessage, error) {
	if r := a.complete(); r != nil {
		return nil, r
	}
	return encode(a, MaxCommand)
}

// Encode gives the arguments for Command.Args. Its error is a *Refusal.
func (a ExecArgs) Encode() (json.RawMessage, error) {
	if r := a.complete(); r != nil {
		return nil, r
	}
	return encode(a, MaxCommand)
}

// DecodeNoArgs reads the arguments of a command that has none. Its error is a *Refusal.
func DecodeNoArgs(data json.RawMessage) error {
	if r := decode(data, MaxCommand, &struct{}{}); r != nil {
		return r
	}
	return nil
}

// DecodeTarget reads the arguments of restart and inspect. Its error is a *Refusal.
func DecodeTarget(data json.RawMessage) (t Target, err error) {
	if r := decode(data, MaxCommand, &t); r != nil {
		return Target{}, r
	}
	if r := t.complete(false); r != nil {
		return Target{}, r
	}
	return t, nil
}

// DecodeLogsArgs reads the arguments of logs. Its error is a *Refusal.
func DecodeLogsArgs(data json.RawMessage) (a LogsArgs, err error) {
	if r := decode(data, MaxCommand, &a); r != nil {
		return LogsArgs{}, r
	}
	if r := a.complete(); r != nil {
		return LogsArgs{}, r
	}
	return a, nil
}

// DecodeExecArgs reads the arguments of exec. Its error is a *Refusal.
func DecodeExecArgs(data json.RawMessage) (a ExecArgs, err error) {
	if r := decode(data, MaxCommand, &a); r != nil {
		return ExecArgs{}, r
	}
	if r := a.complete(); r != nil {
		return ExecArgs{}, r
	}
	return a, nil
}

func (a LogsArgs) complete() *Refusal {
	if r := a.Target.complete(true); r != nil {
		return r
	}
	if a.Tail < 0 || a.Tail > MaxTail {
		return refuse(CodeMalformed, "tail is 0 to %d", MaxTail)
	}
	return nil
}

func (a ExecArgs) complete() *Refusal {
	if r := a.Target.complete(true); r != nil {
		return r
	}
	if len(a.Argv) == 0 || len(a.Argv) > maxList || a.Argv[0] == "" || !areArgs(a.Argv) {
		return refuse(CodeMalformed, "argv is 1 to %d arguments of %d bytes at most", maxList, maxArg)
	}
	return nil
}

// A DoneReply says that a command without a result was carried out.
type DoneReply struct {
	Device  DeviceID
	Request RequestID
}

// An InspectReply tells all about a workload.
type InspectReply struct {
	Device  DeviceID
	Request RequestID
	// Workload is as in the device's report.
	Workload Workload
	// Containers are those of the workload as podman has them, init containers among them.
	Containers []ContainerState
}

// A ContainerState is one container as podman has it.
type ContainerState struct {
	Name     string    `json:"name"`
	Image    string    `json:"image"`
	State    string    `json:"state"`            // as podman says: created, running, exited, …
	Health   string    `json:"health,omitempty"` // healthy, unhealthy or starting; empty when it has no check
	ExitCode int       `json:"exit_code"`
	Restarts int64     `json:"restarts"`
	Started  time.Time `json:"started"` // zero year when it never was
}

// A LogsReply is a piece of what a service says.
type LogsReply struct {
	Device  DeviceID
	Request RequestID
	// Sequence counts the replies to one request from 1.
	Sequence uint64
	Data     []byte // MaxOutput at most; empty in the last one if nothing is left
	// Last is true in the last reply. Dropped is how many bytes were left out because they came too fast.
	Last    bool
	Dropped uint64
}

// An ExecReply tells how a program ended.
type ExecReply struct {
	Device   DeviceID
	Request  RequestID
	ExitCode int
	// Output is what it said, both ways together; Truncated is true when that was more than MaxOutput.
	Output    []byte
	Truncated bool
}

func completeReply(device DeviceID, request RequestID) *Refusal {
	if device.IsZero() || request.IsZero() {
		return refuse(CodeMalformed, "device and request are required")
	}
	return nil
}

func isImageOf(s string) bool { return s == "" || isText(s, maxImage) && isPrintable(s) }
