// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callouttest

import (
	"fmt"
	"path/filepath"
	"strings"

	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/contract"
)

// writeConfig writes the server's configuration: the two accounts of the contract and their border, the static users, and
// the callout.
func (w *World) writeConfig() {
	w.t.Helper()
	var accounts strings.Builder
	fmt.Fprintf(&accounts, "  SYS: { users: [ { user: %s, password: %s } ] }\n", System, System)
	for _, a := range contract.Accounts() {
		fmt.Fprintf(&accounts, "  %s: {\n", a.Name)
		if a.JetStream {
			accounts.WriteString("    jetstream: enabled\n")
		}
		if a.MaxPayload != 0 {
			fmt.Fprintf(&accounts, "    limits: { max_payload: %d, max_subs: %d }\n", a.MaxPayload, a.MaxSubscriptions)
		}
		fmt.Fprintf(&accounts, "    users: [\n%s    ]\n    exports: [\n", users(a.Name))
		for _, subject := range a.Exports {
			fmt.Fprintf(&accounts, "      { stream: %q }\n", subject)
		}
		accounts.WriteString("    ]\n    imports: [\n")
		for _, i := range a.Imports {
			fmt.Fprintf(&accounts, "      { stream: { account: %s, subject: %q } }\n", i.From, i.Subject)
		}
		accounts.WriteString("    ]\n  }\n")
	}
	secured := ""
	if w.secured {
		secured = fmt.Sprintf("tls { cert_file: %q, key_file: %q }\n", w.certificate(), w.key())
	}
	w.Write(w.config, fmt.Sprintf(`listen: 127.0.0.1:%d
%sjetstream { store_dir: %q }
accounts {
%s}
system_account: SYS
authorization {
  timeout: 5
  auth_callout { issuer: %s, xkey: %s, account: %s, auth_users: [ %s ] }
}
`, w.port, secured, filepath.Dir(w.config), &accounts, w.signing.Public, w.sealing.Public, contract.AccountFleet,
		strings.Join([]string{Administrator, System, Tap, calloutUser}, ", ")))
}

// users are the static users of an account. The callout may hear questions and answer servers, and nothing else.
func users(account contract.AccountName) string {
	if account == contract.AccountDevices {
		return fmt.Sprintf("      { user: %s, password: %s }\n", Tap, Tap)
	}
	return fmt.Sprintf("      { user: %s, password: %s }\n", Administrator, Administrator) +
		fmt.Sprintf("      { user: %s, password: %s, permissions: { subscribe: %q, publish: %q } }\n", calloutUser, calloutUser,
			callout.Subject, callout.Answers+">")
}
