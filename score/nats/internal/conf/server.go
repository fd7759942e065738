// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"encoding/json"
	"fmt"
	"net/url"

	"nationtech.io/harmony/secret"
)

// A Server is what the file says. It is written as JSON, which NATS reads as its own format, so that no name can
// break out of its quotes. Names of fields: docs.nats.io, "Configuration".
type Server struct {
	Port          int            `json:"port"`
	HTTP          int            `json:"http_port"`
	Tags          []string       `json:"server_tags"`
	JetStream     JetStream      `json:"jetstream"`
	Cluster       *Cluster       `json:"cluster,omitempty"`
	SystemAccount string         `json:"system_account"`
	ControlLine   int            `json:"max_control_line,omitempty"` // bytes
	Authorization *Authorization `json:"authorization,omitempty"`
	// A server reloads these two; it restarts for all else.
	TLS      *TLS               `json:"tls,omitempty"`
	Accounts map[string]Account `json:"accounts"`
}

// Authorization says who decides about those that are no users of accounts.
type Authorization struct {
	Timeout int     `json:"timeout"` // seconds
	Callout Callout `json:"auth_callout"`
}

// Callout names the public keys of the program that decides, the account that it is in, and who is not asked about.
type Callout struct {
	Issuer  string   `json:"issuer"`
	XKey    string   `json:"xkey"`
	Account string   `json:"account"`
	Users   []string `json:"auth_users"`
}

// TLS names the files of a server's certificate.
type TLS struct {
	Certificate string `json:"cert_file"`
	Key         string `json:"key_file"`
	// Authority is the file of the one whose certificates the other side must have, if Verify asks for that.
	Authority string `json:"ca_file,omitempty"`
	Verify    bool   `json:"verify,omitempty"`
	Timeout   int    `json:"timeout"` // seconds, of a handshake
}

// JetStream is where streams are kept and how much there is for them, in bytes.
type JetStream struct {
	StoreDir  string `json:"store_dir"`
	MaxFile   int64  `json:"max_file_store"`
	MaxMemory int64  `json:"max_memory_store"`
}

// Cluster is how servers find each other.
type Cluster struct {
	Name          string  `json:"name"`
	Port          int     `json:"port"`
	Routes        []Route `json:"routes"`
	Authorization *User   `json:"authorization"`
	TLS           *TLS    `json:"tls,omitempty"`
	NoAdvertise   bool    `json:"no_advertise"`
}

// An Account sees its own subjects, and those that it imports.
type Account struct {
	JetStream bool           `json:"jetstream,omitempty"`
	Limits    map[string]int `json:"limits,omitempty"`
	Exports   []Export       `json:"exports,omitempty"`
	Imports   []Import       `json:"imports,omitempty"`
	Users     []User         `json:"users,omitempty"`
}

// An Export is a subject that other accounts may import.
type Export struct {
	Stream string `json:"stream"`
}

// An Import is another account's subject.
type Import struct {
	Stream Source `json:"stream"`
}

// Source names an account's subject.
type Source struct {
	Account string `json:"account"`
	Subject string `json:"subject"`
}

// A User may log in. Without Permissions it may do everything in its account.
type User struct {
	User        string           `json:"user"`
	Password    Password         `json:"password"`
	Permissions map[string]Allow `json:"permissions,omitempty"`
}

// Allow lists subjects.
type Allow struct {
	Allow []string `json:"allow"`
}

// A Password is one that stands in the file as it is.
type Password struct{ secret.Value }

// MarshalJSON reveals it.
func (p Password) MarshalJSON() ([]byte, error) { return json.Marshal(p.Reveal()) }

// UnmarshalJSON leaves it out: a file is read for the users that it names.
func (p *Password) UnmarshalJSON([]byte) error { return nil }

// A Route is another server of the cluster.
type Route struct {
	User     string
	Password secret.Value
	Host     string // and port
}

// MarshalJSON writes the route as the URL that it is, with the password.
func (r Route) MarshalJSON() ([]byte, error) {
	to := url.URL{Scheme: "nats", User: url.UserPassword(r.User, r.Password.Reveal()), Host: r.Host}
	return json.Marshal(to.String())
}

// UnmarshalJSON leaves it out, as that of a Password does.
func (*Route) UnmarshalJSON([]byte) error { return nil }

var (
	_ json.Marshaler = Password{}
	_ json.Marshaler = Route{}
	_ fmt.Stringer   = Password{} // which prints a mask
)
