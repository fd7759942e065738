// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import "fmt"

// A Code says in one word why something was refused or failed. Codes are part
// of the contract: they are compared, counted and documented, and do not change.
type Code string

// Why a message is refused.
const (
	CodeOversize    Code = "oversize"     // longer than its limit
	CodeMalformed   Code = "malformed"    // not the strict JSON of its type
	CodeWrongType   Code = "wrong-type"   // another type of message, or another verb than its subject says
	CodeWrongDevice Code = "wrong-device" // meant for, or sent by, another device
	CodeWrongPlane  Code = "wrong-plane"  // from another control plane
	CodeWrongReply  Code = "wrong-reply"  // answers another request, or echoes another nonce
	CodeWrongDigest Code = "wrong-digest" // other bytes than its digest names
	CodeExpired     Code = "expired"      // its deadline has passed
)

// Why an agent does not do what a command asks.
const (
	CodeUnknownVerb Code = "unknown-verb"
	CodeBusy        Code = "busy"
	CodeStopping    Code = "stopping"
	CodeDeadline    Code = "deadline" // the command started and did not end in time
	CodePanic       Code = "panic"
	CodeNoWorkload  Code = "no-workload" // the device has no workload of that UID, or no service of that name in it
	CodeNotAllowed  Code = "not-allowed" // the device's own configuration forbids it
	CodeNoRuntime   Code = "no-runtime"  // podman does not answer, or there is none
	CodeInternal    Code = "internal"
)

// A Refusal says why a message was not accepted. Every decoder's error is one.
type Refusal struct {
	Code   Code
	Detail string
	// Request is the request that the message belongs to, when that much could be
	// read, so that the refusal can be answered; zero otherwise.
	Request RequestID
	// Cause is the underlying error, if there is one.
	Cause error
}

func (r *Refusal) Error() string { return fmt.Sprintf("message refused (%s): %s", r.Code, r.Detail) }

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Cause }

func (c Code) valid() bool {
	return c != "" && len(c) <= 40 && only(string(c), func(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '-' })
}

func refuse(code Code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Detail: fmt.Sprintf(format, args...)}
}
