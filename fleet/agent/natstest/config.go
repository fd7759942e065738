// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package natstest

import (
	"fmt"
	"slices"
	"strings"

	"nationtech.io/harmony/fleet/contract"
)

// Config is what a nats-server with the accounts of a fleet reads.
type Config struct {
	Listen string // host:port
	Dir    string // where it stores streams
	// Fleet and Devices are the users of the two accounts.
	Fleet, Devices []User
	// System are the users of the servers' own account.
	System []User
	// Subscriptions is how many a connection of a device may have, when that is more than one device may: where several share one.
	Subscriptions int
	// Certificate and Key are files; without them the server speaks no TLS.
	Certificate, Key string
	// Callout tells who everybody else is; nil where there is none.
	Callout *Callout
}

// Callout are the public keys of a callout.
type Callout struct{ Signing, Sealing string }

// A User may do all in its account, unless it has rights.
type User struct {
	Name, Password string
	Rights         *contract.Rights
}

// Rights are those of a user that several devices share: what each of them may, and no more.
func Rights(devices ...contract.DeviceID) *contract.Rights {
	var all contract.Rights
	for _, d := range devices {
		r := contract.DeviceRights(d)
		all.Publish, all.Subscribe = append(all.Publish, r.Publish...), append(all.Subscribe, r.Subscribe...)
	}
	return &all
}

// Text is the configuration file.
func (c Config) Text() string {
	var text strings.Builder
	fmt.Fprintf(&text, "listen: %q\njetstream { store_dir: %q }\n", c.Listen, c.Dir)
	if c.Certificate != "" {
		fmt.Fprintf(&text, "tls { cert_file: %q, key_file: %q }\n", c.Certificate, c.Key)
	}
	text.WriteString("accounts {\n")
	for _, a := range contract.Accounts() {
		c.account(&text, a)
	}
	if len(c.System) > 0 {
		fmt.Fprintf(&text, "  SYS: {\n    users: [\n%s    ]\n  }\n", users(c.System))
	}
	text.WriteString("}\n")
	if len(c.System) > 0 {
		text.WriteString("system_account: SYS\n")
	}
	if c.Callout != nil {
		var known []string
		for _, u := range slices.Concat(c.Fleet, c.Devices, c.System) {
			known = append(known, u.Name)
		}
		fmt.Fprintf(&text, "authorization {\n  timeout: 5\n  auth_callout { issuer: %s, xkey: %s, account: %s, auth_users: [%s] }\n}\n",
			c.Callout.Signing, c.Callout.Sealing, contract.AccountFleet, quoted(known))
	}
	return text.String()
}

func (c Config) account(text *strings.Builder, a contract.Account) {
	fmt.Fprintf(text, "  %s: {\n", a.Name)
	if a.JetStream {
		text.WriteString("    jetstream: enabled\n")
	}
	if a.MaxPayload != 0 {
		fmt.Fprintf(text, "    limits: { max_payload: %d, max_subs: %d }\n", a.MaxPayload, max(a.MaxSubscriptions, c.Subscriptions))
	}
	of := c.Devices
	if a.Name == contract.AccountFleet {
		of = c.Fleet
	}
	fmt.Fprintf(text, "    users: [\n%s    ]\n    exports: [\n", users(of))
	for _, subject := range a.Exports {
		fmt.Fprintf(text, "      { stream: %q }\n", subject)
	}
	text.WriteString("    ]\n    imports: [\n")
	for _, i := range a.Imports {
		fmt.Fprintf(text, "      { stream: { account: %s, subject: %q } }\n", i.From, i.Subject)
	}
	text.WriteString("    ]\n  }\n")
}

func users(all []User) string {
	var text strings.Builder
	for _, u := range all {
		fmt.Fprintf(&text, "      { user: %q, password: %q%s }\n", u.Name, u.Password, permissions(u.Rights))
	}
	return text.String()
}

func permissions(r *contract.Rights) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf(", permissions: { publish: { allow: [%s] }, subscribe: { allow: [%s] } }", quoted(r.Publish), quoted(r.Subscribe))
}

func quoted(subjects []string) string { return `"` + strings.Join(subjects, `", "`) + `"` }
