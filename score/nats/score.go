// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"fmt"
	"slices"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/score/nats/internal/conf"
)

// Place is what a NATS server needs: objects applied, watched and reached, images that its Pods can run, and to be
// told that its configuration has changed.
type Place interface {
	kube.Place
	image.Place
	messaging.Place
}

// Score is one NATS server with JetStream, or a cluster of Replicas of them.
type Score struct {
	Namespace string
	// Title is the component's name and the name of its objects; "nats" when empty.
	Title string
	// Replicas is 1 (when zero), 3 or 5.
	Replicas int
	// Accounts are the tenants of the server and their users. Users and passwords are
	// changed without a restart.
	Accounts []Account
	// Overseers are users of the system account, which sees the servers' own matters.
	Overseers []User
	Store     Storage
	// OutsidePort is a port of every node on which clients outside of the cluster connect, such as devices; none
	// when zero. The cluster says which it has for that, by default 30000 to 32767.
	OutsidePort int
	// Callout decides about everyone who is no user of Accounts; nobody else logs in when nil.
	Callout *Callout
	// TLS is what clients must speak; they speak without when nil.
	TLS *TLS
	// Hosts are further names and addresses that the certificate of one's own authority shall have.
	Hosts []string
}

// Storage is what JetStream keeps its streams on.
type Storage struct {
	Bytes int64  // of each server's volume claim; 1 GiB when zero
	Class string // storage class; the cluster's default when empty
}

// Account is one tenant: subjects of one account are not seen by another, save by its exports.
type Account struct {
	Name             string
	JetStream        bool
	MaxPayload       int // bytes; the server's 1 MiB when zero
	MaxSubscriptions int // of each connection; without limit when zero
	Exports          []string
	Imports          []Import
	Users            []User
}

// Import takes a subject that another account exports.
type Import struct{ Account, Subject string }

// User logs in with a generated password. Without Publish and Subscribe it may use every subject of its account.
type User struct {
	Name      string
	Publish   []string
	Subscribe []string
}

const (
	defaultTitle = "nats"
	defaultBytes = 1 << 30
)

// ServerImage is the NATS server, built from its module.
var ServerImage = image.Image{Name: "nats-server", Package: "github.com/nats-io/nats-server/v2"}

var (
	_ harmony.Score[Place]   = Score{}
	_ harmony.Remover[Place] = Score{}
)

// Name is the title.
func (s Score) Name() string { return s.Ref().Name }

// Interpret makes the server or cluster stand and run the wanted configuration, also
// where a change of users and accounts is taken over by a running server.
func (s Score) Interpret(ctx context.Context, on Place) (harmony.Outcome, error) {
	if err := s.check(); err != nil {
		return harmony.Outcome{}, err
	}
	reference, err := on.Images().Provide(ctx, ServerImage)
	if err != nil {
		return harmony.Outcome{}, err
	}
	kept, generated, err := s.keep(ctx, on.Kubernetes())
	if err != nil {
		return generated, err
	}
	config, err := s.config(kept)
	if err != nil {
		return generated, err
	}
	dropped, err := s.dropped(ctx, on.Kubernetes())
	if err != nil {
		return generated, err
	}
	applied, err := on.Kubernetes().Apply(ctx, s.inventory(), s.objects(reference, config, kept)...)
	applied.Changes = append(generated.Changes, applied.Changes...)
	if err != nil {
		return applied, err
	}
	applied.Changes = append(applied.Changes, dropped...)
	// A running server does not look at its file again by itself.
	return applied, on.Messaging().Reload(ctx, s.Ref().Login(systemUser), s.running(config))
}

// running is the configuration that servers shall run, as they are asked for it.
func (s Score) running(config conf.File) messaging.Configuration {
	c := messaging.Configuration{Tag: config.Tag, Servers: s.replicas()}
	if s.Callout != nil {
		c.Known = s.users()
	}
	return c
}

// Remove takes the servers away. Volume claims and credentials are data.
func (s Score) Remove(ctx context.Context, on Place, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), how)
}

func (s Score) inventory() kube.Inventory { return s.Ref().inventory() }

func (s Score) replicas() int { return max(s.Replicas, 1) }

func (s Score) check() error {
	bad := diag.New(diag.BadPlacement)
	if r := s.replicas(); r != 1 && r != 3 && r != 5 {
		bad.Saw(fmt.Sprintf("replicas is %d", r)).Try("a NATS cluster agrees by majority: take 1, 3 or 5 replicas")
	}
	if s.OutsidePort < 0 || s.OutsidePort > 65535 {
		bad.Saw(fmt.Sprintf("the outside port is %d", s.OutsidePort)).Try("take one of the cluster's node ports, by default 30000 to 32767, or none")
	}
	if s.Store.Bytes < 0 {
		bad.Saw(fmt.Sprintf("the store has %d bytes", s.Store.Bytes)).Try("leave the size out to take 1 GiB")
	}
	if s.Namespace == "" {
		bad.Saw("no namespace is given")
	}
	if s.Callout != nil && !slices.ContainsFunc(s.Accounts, func(a Account) bool { return a.Name == s.Callout.Account }) {
		bad.Saw("the callout's account is \"" + s.Callout.Account + "\", which is none of the accounts")
	}
	if len(bad.Evidence) > 0 {
		return bad
	}
	return nil
}
