// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callouttest

import (
	"fmt"
	"path/filepath"
	"strings"

	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/stream"
)

// writeConfig writes the server's configuration: the two accounts of the contract and their border, the static users, and
// the callout.
func (w *World) writeConfig() {
	w.t.Helper()
	var accounts strings.Builder
	may := stream.KickerRights()
	fmt.Fprintf(&accounts, "  SYS: { users: [ { user: %s, password: %s }, { user: %s, password: %s, permissions: { publish: %s, subscribe: %s } } ] }\n",
		System, System, Kicker, Kicker, list(may.Publish), list(may.Subscribe))
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
	for _, n := range w.nodes {
		w.Write(w.config(n), fmt.Sprintf(`server_name: %s
listen: 127.0.0.1:%d
jetstream { store_dir: %q }
%s%s
accounts {
%s}
system_account: SYS
authorization {
  timeout: 5
  auth_callout { issuer: %s, xkey: %s, account: %s, auth_users: [ %s ] }
}
`, n.name, n.port, filepath.Join(w.dir, n.name), w.cluster(n), w.tls(), &accounts, w.signing.Public, w.sealing.Public, contract.AccountFleet,
			strings.Join([]string{Administrator, System, Kicker, Tap, calloutUser}, ", ")))
	}
}

// cluster says how a server finds the others; nothing for one alone.
func (w *World) cluster(n *node) string {
	if len(w.nodes) == 1 {
		return ""
	}
	var routes []string
	for _, other := range w.nodes {
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", other.route))
	}
	return fmt.Sprintf("cluster { name: fleet, listen: 127.0.0.1:%d, routes: %s }", n.route, list(routes))
}

func list(subjects []string) string {
	var quoted []string
	for _, s := range subjects {
		quoted = append(quoted, fmt.Sprintf("%q", s))
	}
	return "[ " + strings.Join(quoted, ", ") + " ]"
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
