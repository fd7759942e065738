// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package messaging

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/streams"
)

// Place is a place where message servers can be asked and told.
type Place interface{ Messaging() Servers }

// Servers are told what they shall have. Errors are Diagnostics.
type Servers interface {
	// Ensure makes the streams of the login's account that are missing and corrects those that differ from what is
	// wanted; messages stay. A wanted configuration spells out what the server would fill in. It waits while the
	// servers agree on a leader, until the context ends.
	Ensure(ctx context.Context, at Login, wanted ...jetstream.StreamConfig) (harmony.Outcome, error)
	// Verify lists what of the streams of the login's account is not as it is wanted, and changes nothing.
	Verify(ctx context.Context, at Login, wanted ...jetstream.StreamConfig) ([]streams.Deviation, error)
	// Reload returns when every server runs the configuration, which must be in its file already or on its way
	// there. Where a callout decides who comes in, a server that has connections which it let in is told to reload only while
	// it answers. The login must be one of the system account.
	Reload(ctx context.Context, at Login, want Configuration) error
}

// A Login is how a client logs in to a message server: as whom, and with which Secret in the namespace of the Service.
type Login struct {
	Service kube.Service
	User    string
	Secret  string
	Key     string // of the password in the Secret
	// Authority is what the server's certificate must be from; without one there is no TLS.
	Authority Authority
}

// Authority is the certificate of an authority in a Secret, in the namespace of the Service.
type Authority struct{ Secret, Key string }

// URL is where clients in the cluster connect.
func (l Login) URL() string {
	scheme := "nats"
	if l.Authority != (Authority{}) {
		scheme = "tls"
	}
	return fmt.Sprintf("%s://%s.%s.svc:%d", scheme, l.Service.Name, l.Service.Namespace, l.Service.Port)
}

// A Configuration is known by a tag that a server which runs it has among its own.
type Configuration struct {
	Tag     string
	Servers int // how many there are to run it
	// Known are the users that servers know by themselves, where a callout decides about everybody else; none where no callout does.
	Known []string
}
