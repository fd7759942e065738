// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"nationtech.io/harmony/secret"
)

// PodName is the environment variable from which a server takes its name.
const PodName = "POD_NAME"

// A File is a server's configuration file and what identifies it.
type File struct {
	Text secret.Value
	// Tag is a server tag made of the file's digest: a running server tells by it which configuration it has.
	Tag string
	// Restart is the digest of the part that a server reads only when it starts.
	Restart string
}

// File renders the server's configuration; Tags are its own doing.
func (s Server) File() (File, error) {
	started := s
	started.Accounts, started.TLS, started.Cluster = nil, nil, s.Cluster.started()
	start, err := started.encode()
	if err != nil {
		return File{}, err
	}
	whole, err := s.encode()
	if err != nil {
		return File{}, err
	}
	tag := "config:" + digest(whole)
	s.Tags = []string{tag}
	text, err := s.encode()
	return File{Text: secret.New(named(text)), Tag: tag, Restart: digest(start)}, err
}

// started is the cluster without the certificate of its routes, which a server reloads. That it has one is read at a start: routes that
// stand would stay as they are.
func (c *Cluster) started() *Cluster {
	if c == nil || c.TLS == nil {
		return c
	}
	some := *c
	some.TLS = &TLS{}
	return &some
}

// named gives each server of the StatefulSet its Pod's name. It must stand in the file: a server that has its
// name from a flag refuses every reload. A variable must stand without quotes, which is not JSON: so it
// stands before the fields, and these without the braces around them.
func named(fields []byte) string {
	inner := bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimSpace(fields), []byte("{")), []byte("}"))
	return "server_name: $" + PodName + "\n" + string(inner)
}

// encode writes '>' as itself: NATS does not read the escapes of JSON for characters.
func (s Server) encode() ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("encode a NATS configuration: %w", err)
	}
	return text.Bytes(), nil
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Users lists the users of a file that Server.File has rendered, sorted; none of a file that someone else has, which
// is about to be replaced.
func Users(text secret.Value) (names []string) {
	_, fields, _ := strings.Cut(text.Reveal(), "\n")
	var s Server
	if json.Unmarshal([]byte("{"+fields+"}"), &s) != nil {
		return nil
	}
	for _, account := range s.Accounts {
		for _, user := range account.Users {
			names = append(names, user.User)
		}
	}
	slices.Sort(names)
	return names
}
