// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
)

const (
	clientPort  = 4222
	clusterPort = 6222
	monitorPort = 8222
)

// PasswordKey is the key of a user's password in its Secret.
const PasswordKey = "password"

// Ref is what other Scores need to know of a NATS: computed from its fields alone.
type Ref struct {
	Namespace, Name string
	// TLS is that of the Score.
	TLS *TLS
}

// Ref refers to this NATS.
func (s Score) Ref() Ref {
	name := s.Title
	if name == "" {
		name = defaultTitle
	}
	return Ref{Namespace: s.Namespace, Name: name, TLS: s.TLS}
}

// Service is where clients connect.
func (r Ref) Service() kube.Service {
	return kube.Service{Namespace: r.Namespace, Name: r.Name, Port: clientPort}
}

// URL is where clients in the cluster connect.
func (r Ref) URL() string { return r.Login("").URL() }

// Credential names a user and the Secret that has its password under PasswordKey.
type Credential struct{ User, Secret string }

// Credential is how to log in as a user of this NATS.
func (r Ref) Credential(user string) Credential {
	return Credential{User: user, Secret: r.Name + "-user-" + user}
}

// Login is how a client logs in as a user of this NATS.
func (r Ref) Login(user string) messaging.Login {
	login := messaging.Login{Service: r.Service(), User: user, Secret: r.Credential(user).Secret, Key: PasswordKey}
	if r.TLS != nil {
		login.Authority = messaging.Authority{Secret: r.config(), Key: AuthorityKey}
	}
	return login
}

// config is the Secret of the servers' configuration.
func (r Ref) config() string { return r.Name + "-config" }

func (r Ref) inventory() kube.Inventory { return kube.Inventory{Namespace: r.Namespace, Name: r.Name} }
