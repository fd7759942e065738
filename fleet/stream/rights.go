// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package stream

import "nationtech.io/harmony/fleet/contract"

// OperatorRights are all rights of the control plane in account FLEET. There is no right to consume among them, nor to
// delete a stream, and none on any stream but the fleet's two.
func OperatorRights() contract.Rights {
	r := contract.Rights{
		Publish:   []string{"fleet.answer.*.>", "device-commands.*.*"},
		Subscribe: append(reports(), Inbox+".>"),
	}
	for _, bucket := range []string{contract.BucketDesired, contract.BucketReleases} {
		r.Publish = append(r.Publish, "$KV."+bucket+".*")
		for _, verb := range []string{"INFO", "CREATE", "UPDATE", "PURGE"} {
			r.Publish = append(r.Publish, "$JS.API.STREAM."+verb+".KV_"+bucket)
		}
	}
	return r
}

// ReaderRights are all rights of who hears what devices report, in account FLEET: it publishes nothing.
func ReaderRights() contract.Rights {
	return contract.Rights{Subscribe: []string{"fleet.state.*", "fleet.info.*", "fleet.heartbeat.*"}}
}

// KickerInbox is below what the kicker takes the answers of servers.
const KickerInbox = "_INBOX.kicker"

// KickerRights are all rights of who closes connections, in the system account: it asks who is connected, and closes.
func KickerRights() contract.Rights {
	return contract.Rights{
		Publish:   []string{"$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.SERVER.*.KICK"},
		Subscribe: []string{KickerInbox + ".>"},
	}
}

// reports are the subjects that come from devices.
func reports() (subjects []string) {
	for _, a := range contract.Accounts() {
		if a.Name == contract.AccountDevices {
			subjects = append(subjects, a.Exports...)
		}
	}
	return subjects
}
