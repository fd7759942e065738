// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"

	"nationtech.io/harmony/secret"
)

// A config is a server's configuration file and what identifies it.
type config struct {
	text secret.Value
	// tag is a server tag made of the file's digest: a running server tells by it which configuration it has.
	tag string
	// restart is the digest of the part that a server reads only when it starts.
	restart string
}

// The configuration file is written as JSON, which NATS reads as its own format,
// so that no name can break out of its quotes. Names of fields: docs.nats.io, "Configuration".
type serverConfig struct {
	Port          int                      `json:"port"`
	HTTP          int                      `json:"http_port"`
	Tags          []string                 `json:"server_tags"`
	JetStream     jetStreamConfig          `json:"jetstream"`
	Cluster       *clusterConfig           `json:"cluster,omitempty"`
	SystemAccount string                   `json:"system_account"`
	Accounts      map[string]accountConfig `json:"accounts"`
}

type jetStreamConfig struct {
	StoreDir  string `json:"store_dir"`
	MaxFile   int64  `json:"max_file_store"`
	MaxMemory int64  `json:"max_memory_store"`
}

type clusterConfig struct {
	Name          string      `json:"name"`
	Port          int         `json:"port"`
	Routes        []string    `json:"routes"`
	Authorization *userConfig `json:"authorization"`
	NoAdvertise   bool        `json:"no_advertise"`
}

type accountConfig struct {
	JetStream bool           `json:"jetstream,omitempty"`
	Limits    map[string]int `json:"limits,omitempty"`
	Exports   []streamConfig `json:"exports,omitempty"`
	Imports   []importConfig `json:"imports,omitempty"`
	Users     []userConfig   `json:"users,omitempty"`
}

type streamConfig struct {
	Stream string `json:"stream"`
}

type importConfig struct {
	Stream map[string]string `json:"stream"`
}

type userConfig struct {
	User        string                 `json:"user"`
	Password    string                 `json:"password"`
	Permissions map[string]allowConfig `json:"permissions,omitempty"`
}

type allowConfig struct {
	Allow []string `json:"allow"`
}

const (
	podName    = "POD_NAME" // the environment variable
	configDir  = "/etc/nats"
	configFile = "nats.conf"
	dataDir    = "/data"
	// maxMemory bounds what streams may hold in memory; the container's limit is above it.
	maxMemory = 64 << 20
)

func (s Score) config(passwords map[string]secret.Value) (config, error) {
	server := serverConfig{
		Port: clientPort, HTTP: monitorPort, SystemAccount: systemAccount,
		// A tenth of the volume stays free for what JetStream writes beside the streams.
		JetStream: jetStreamConfig{StoreDir: dataDir, MaxFile: s.bytes() / 10 * 9, MaxMemory: maxMemory},
		Cluster:   s.cluster(passwords),
	}
	started, err := server.encode()
	if err != nil {
		return config{}, err
	}
	server.Accounts = s.accounts(passwords)
	whole, err := server.encode()
	if err != nil {
		return config{}, err
	}
	tag := "config:" + digest(whole)
	server.Tags = []string{tag}
	text, err := server.encode()
	return config{text: secret.New(named(text)), tag: tag, restart: digest(started)}, err
}

// named gives each server of the StatefulSet its Pod's name. It must stand in the file: a server that has its
// name from a flag refuses every reload. A variable must stand without quotes, which is not JSON: so it
// stands before the fields, and these without the braces around them.
func named(fields []byte) string {
	inner := bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimSpace(fields), []byte("{")), []byte("}"))
	return "server_name: $" + podName + "\n" + string(inner)
}

// encode writes '>' as itself: NATS does not read the escapes of JSON for characters.
func (c serverConfig) encode() ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		return nil, fmt.Errorf("encode a NATS configuration: %w", err)
	}
	return text.Bytes(), nil
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

func (s Score) bytes() int64 {
	if s.Store.Bytes == 0 {
		return defaultBytes
	}
	return s.Store.Bytes
}

func (s Score) cluster(passwords map[string]secret.Value) *clusterConfig {
	if s.replicas() == 1 {
		return nil
	}
	c := &clusterConfig{Name: s.Name(), Port: clusterPort, NoAdvertise: true,
		Authorization: &userConfig{User: routeUser, Password: passwords[routeUser].Reveal()}}
	for i := range s.replicas() {
		route := url.URL{Scheme: "nats", User: url.UserPassword(routeUser, passwords[routeUser].Reveal()),
			Host: fmt.Sprintf("%s-%d.%s.%s.svc:%d", s.Name(), i, s.headless(), s.Namespace, clusterPort)}
		c.Routes = append(c.Routes, route.String())
	}
	return c
}

func (s Score) accounts(passwords map[string]secret.Value) map[string]accountConfig {
	accounts := map[string]accountConfig{
		systemAccount: {Users: []userConfig{{User: systemUser, Password: passwords[systemUser].Reveal()}}},
		probeAccount:  {JetStream: true, Users: []userConfig{{User: probeUser, Password: passwords[probeUser].Reveal()}}},
	}
	for _, a := range s.Accounts {
		accounts[a.Name] = a.config(passwords)
	}
	return accounts
}

func (a Account) config(passwords map[string]secret.Value) accountConfig {
	c := accountConfig{JetStream: a.JetStream, Limits: map[string]int{}}
	if a.MaxPayload > 0 {
		c.Limits["max_payload"] = a.MaxPayload
	}
	if a.MaxSubscriptions > 0 {
		c.Limits["max_subs"] = a.MaxSubscriptions
	}
	for _, subject := range a.Exports {
		c.Exports = append(c.Exports, streamConfig{subject})
	}
	for _, i := range a.Imports {
		c.Imports = append(c.Imports, importConfig{map[string]string{"account": i.Account, "subject": i.Subject}})
	}
	for _, u := range a.Users {
		user := userConfig{User: u.Name, Password: passwords[u.Name].Reveal()}
		if u.Publish != nil || u.Subscribe != nil {
			user.Permissions = map[string]allowConfig{"publish": {u.Publish}, "subscribe": {u.Subscribe}}
		}
		c.Users = append(c.Users, user)
	}
	return c
}
