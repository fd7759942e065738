// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import "strings"

// A Verb is what a command asks for: one token of a subject, [a-z][a-z0-9-]{0,31}.
type Verb string

// VerbPing asks a device whether it lives and who it is.
const VerbPing Verb = "ping"

// ConnectionName is what a device calls its connection to NATS. The callout lets it in under no other name: by that name its
// connections are found when they must be closed.
func ConnectionName(id DeviceID) string { return "harmony-fleet-agent " + id.String() }

// DeviceUser is the user of NATS of a device, where servers know each by a password.
func DeviceUser(id DeviceID) string { return "device-" + id.String() }

// StateSubject is where a device reports what runs on it.
func StateSubject(id DeviceID) string { return "fleet.state." + id.String() }

// InfoSubject is where a device reports its inventory.
func InfoSubject(id DeviceID) string { return "fleet.info." + id.String() }

// HeartbeatSubject is where a device says that it lives.
func HeartbeatSubject(id DeviceID) string { return "fleet.heartbeat." + id.String() }

// DesiredSubject is where a device is sent its whole desired state.
func DesiredSubject(id DeviceID) string { return "fleet.desired." + id.String() }

// CommandSubject is where a device is sent the command of that verb.
func CommandSubject(id DeviceID, verb Verb) string {
	return "device-commands." + id.String() + "." + string(verb)
}

// CommandSubjects matches every command of a device.
func CommandSubjects(id DeviceID) string { return "device-commands." + id.String() + ".*" }

// ReplySubject is the only place where a device answers that request. It is
// fixed by the contract: a device never looks at the reply subject of a message.
func ReplySubject(id DeviceID, request RequestID) string {
	return "fleet.reply." + id.String() + "." + request.String()
}

// FetchManifestSubject is where a device asks for its desired state.
func FetchManifestSubject(id DeviceID) string { return "fleet.fetch." + id.String() + ".manifest" }

// FetchBodySubject is where a device asks for the content with that digest.
func FetchBodySubject(id DeviceID, digest string) string {
	return "fleet.fetch." + id.String() + ".body." + digest
}

// AnswerManifestSubject is where a device is given the desired state it asked for.
func AnswerManifestSubject(id DeviceID) string { return "fleet.answer." + id.String() + ".manifest" }

// AnswerBodySubject is where a device is given the content it asked for, and one that it is about to ask for if that is not
// larger than MaxEarly.
func AnswerBodySubject(id DeviceID, digest string) string {
	return "fleet.answer." + id.String() + ".body." + digest
}

// VerbOf reads the verb of a command subject that belongs to that device.
func VerbOf(id DeviceID, subject string) (Verb, bool) {
	verb, ours := strings.CutPrefix(subject, "device-commands."+id.String()+".")
	return Verb(verb), ours && Verb(verb).valid()
}

func (v Verb) valid() bool {
	if len(v) == 0 || len(v) > 32 || v[0] < 'a' || v[0] > 'z' {
		return false
	}
	return only(string(v), func(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' })
}
