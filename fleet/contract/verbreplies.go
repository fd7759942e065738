// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import "time"

type doneWire struct {
	Type    string    `json:"type"`
	Device  DeviceID  `json:"device"`
	Request RequestID `json:"request"`
}

// Encode gives the reply as it goes over the wire. Its error is a *Refusal.
func (d DoneReply) Encode() ([]byte, error) {
	if r := completeReply(d.Device, d.Request); r != nil {
		return nil, r
	}
	return encode(doneWire{doneReplyType, d.Device, d.Request}, MaxReply)
}

// DecodeDoneReply reads the answer to a command without a result. Its error is an *ErrorReply when the device
// answered with one, else a *Refusal.
func DecodeDoneReply(data []byte, to Asked) (DoneReply, error) {
	var w doneWire
	if err := decodeReply(data, doneReplyType, to, &w); err != nil {
		return DoneReply{}, err
	}
	if r := to.check(w.Device, w.Request); r != nil {
		return DoneReply{}, r
	}
	return DoneReply{w.Device, w.Request}, nil
}

type inspectWire struct {
	Type       string           `json:"type"`
	Device     DeviceID         `json:"device"`
	Request    RequestID        `json:"request"`
	Workload   Workload         `json:"workload"`
	Containers []ContainerState `json:"containers"`
}

// Encode gives the reply as it goes over the wire. Its error is a *Refusal.
func (i InspectReply) Encode() ([]byte, error) {
	i.Containers = append([]ContainerState{}, i.Containers...)
	for n := range i.Containers {
		i.Containers[n].Started = i.Containers[n].Started.UTC().Truncate(time.Second)
	}
	i.Workload.Message = note(i.Workload.Message, maxNote)
	i.Workload.Since = i.Workload.Since.UTC().Truncate(time.Second)
	if r := i.complete(); r != nil {
		return nil, r
	}
	return encode(inspectWire{inspectReplyType, i.Device, i.Request, i.Workload, i.Containers}, MaxReply)
}

// DecodeInspectReply reads the answer to inspect. Its error is as that of DecodeDoneReply.
func DecodeInspectReply(data []byte, to Asked) (InspectReply, error) {
	var w inspectWire
	if err := decodeReply(data, inspectReplyType, to, &w); err != nil {
		return InspectReply{}, err
	}
	i := InspectReply{w.Device, w.Request, w.Workload, w.Containers}
	if r := i.complete(); r != nil {
		return InspectReply{}, r
	}
	if r := to.check(w.Device, w.Request); r != nil {
		return InspectReply{}, r
	}
	i.Workload.Message = note(i.Workload.Message, maxNote)
	return i, nil
}

func (i InspectReply) complete() *Refusal {
	if r := completeReply(i.Device, i.Request); r != nil {
		return r
	}
	if i.Containers == nil || len(i.Containers) > 2*maxContainers {
		return refuse(CodeMalformed, "containers is required, %d at most", 2*maxContainers)
	}
	for _, c := range i.Containers {
		if !isLabel(c.Name) || !isImageOf(c.Image) || !isText(c.State, maxFact) || len(c.Health) > maxFact || !isPrintable(c.State) || !isPrintable(c.Health) || !inCalendar(c.Started) {
			return refuse(CodeMalformed, "a container has a name, an image, a state and a time of start")
		}
	}
	return i.Workload.complete()
}

type logsWire struct {
	Type     string    `json:"type"`
	Device   DeviceID  `json:"device"`
	Request  RequestID `json:"request"`
	Sequence uint64    `json:"seq"`
	Data     []byte    `json:"data"`
	Last     bool      `json:"last"`
	Dropped  uint64    `json:"dropped"`
}

// Encode gives the reply as it goes over the wire. Its error is a *Refusal.
func (l LogsReply) Encode() ([]byte, error) {
	if r := l.complete(); r != nil {
		return nil, r
	}
	data := l.Data
	if data == nil {
		data = []byte{} // null is refused
	}
	return encode(logsWire{logsReplyType, l.Device, l.Request, l.Sequence, data, l.Last, l.Dropped}, MaxReply)
}

// DecodeLogsReply reads a piece of a log. Its error is as that of DecodeDoneReply.
func DecodeLogsReply(data []byte, to Asked) (LogsReply, error) {
	var w logsWire
	if err := decodeReply(data, logsReplyType, to, &w); err != nil {
		return LogsReply{}, err
	}
	l := LogsReply{w.Device, w.Request, w.Sequence, w.Data, w.Last, w.Dropped}
	if r := l.complete(); r != nil {
		return LogsReply{}, r
	}
	if r := to.check(w.Device, w.Request); r != nil {
		return LogsReply{}, r
	}
	return l, nil
}

func (l LogsReply) complete() *Refusal {
	if r := completeReply(l.Device, l.Request); r != nil {
		return r
	}
	if l.Sequence == 0 || len(l.Data) > MaxOutput {
		return refuse(CodeMalformed, "seq counts from 1, and data has %d bytes at most", MaxOutput)
	}
	return nil
}

type execWire struct {
	Type      string    `json:"type"`
	Device    DeviceID  `json:"device"`
	Request   RequestID `json:"request"`
	ExitCode  int       `json:"exit_code"`
	Output    []byte    `json:"output"`
	Truncated bool      `json:"truncated"`
}

// Encode gives the reply as it goes over the wire. Its error is a *Refusal.
func (e ExecReply) Encode() ([]byte, error) {
	if r := e.complete(); r != nil {
		return nil, r
	}
	output := e.Output
	if output == nil {
		output = []byte{} // null is refused
	}
	return encode(execWire{execReplyType, e.Device, e.Request, e.ExitCode, output, e.Truncated}, MaxReply)
}

// DecodeExecReply reads the answer to exec. Its error is as that of DecodeDoneReply.
func DecodeExecReply(data []byte, to Asked) (ExecReply, error) {
	var w execWire
	if err := decodeReply(data, execReplyType, to, &w); err != nil {
		return ExecReply{}, err
	}
	e := ExecReply{w.Device, w.Request, w.ExitCode, w.Output, w.Truncated}
	if r := e.complete(); r != nil {
		return ExecReply{}, r
	}
	if r := to.check(w.Device, w.Request); r != nil {
		return ExecReply{}, r
	}
	return e, nil
}

func (e ExecReply) complete() *Refusal {
	if r := completeReply(e.Device, e.Request); r != nil {
		return r
	}
	if len(e.Output) > MaxOutput {
		return refuse(CodeMalformed, "output has %d bytes at most", MaxOutput)
	}
	return nil
}
