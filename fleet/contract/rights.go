// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

// Rights are the subjects that a NATS user may publish to and subscribe to; all others are refused.
type Rights struct{ Publish, Subscribe []string }

// DeviceRights are all rights of a device. There is no inbox, no $JS and no $KV
// among them, and no permission to answer on reply subjects: with any of these a
// hostile device reached streams or other devices when it was tried.
func DeviceRights(id DeviceID) Rights {
	d := id.String()
	return Rights{
		Publish:   []string{StateSubject(id), InfoSubject(id), HeartbeatSubject(id), "fleet.fetch." + d + ".>", "fleet.reply." + d + ".>"},
		Subscribe: []string{DesiredSubject(id), "fleet.answer." + d + ".>", CommandSubjects(id)},
	}
}

// AccountName names a NATS account.
type AccountName string

// The two accounts of a fleet. FLEET holds JetStream and the static users of the
// control plane; DEVICES holds the devices.
const (
	AccountFleet   AccountName = "FLEET"
	AccountDevices AccountName = "DEVICES"
)

// An Account is a NATS account: what it may hold and what passes its border. Only streams pass
// (messages one way); a service would let the asking side choose where the other writes.
type Account struct {
	Name      AccountName
	JetStream bool
	// MaxPayload (bytes) and MaxSubscriptions limit each of its connections; zero is the server's limit.
	MaxPayload, MaxSubscriptions int
	Exports                      []string
	Imports                      []Import
}

// An Import brings the exported subject of another account into this one.
type Import struct {
	From    AccountName
	Subject string
}

// DevicePayloadLimit is the largest message in bytes that a device can send. The
// server checks it, so a device cannot make another account pay for a bigger one.
const DevicePayloadLimit = 64 << 10

// DeviceSubscriptionLimit is how many subscriptions a device can hold; it needs three.
const DeviceSubscriptionLimit = 16

// Accounts gives the two accounts and the border between them.
func Accounts() []Account {
	down := []string{"fleet.desired.*", "fleet.answer.*.>", "device-commands.*.*"}
	up := []string{"fleet.state.*", "fleet.info.*", "fleet.heartbeat.*", "fleet.fetch.*.>", "fleet.reply.*.>"}
	return []Account{
		{Name: AccountFleet, JetStream: true, Exports: down, Imports: imports(AccountDevices, up)},
		{
			Name: AccountDevices, MaxPayload: DevicePayloadLimit, MaxSubscriptions: DeviceSubscriptionLimit,
			Exports: up, Imports: imports(AccountFleet, down),
		},
	}
}

func imports(from AccountName, subjects []string) []Import {
	all := make([]Import, len(subjects))
	for i, subject := range subjects {
		all[i] = Import{from, subject}
	}
	return all
}
