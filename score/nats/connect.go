// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

// A Client is what connecting needs of a place: to read the user's password and to reach the Service.
type Client interface {
	kube.Reader
	kube.Dialer
}

// Connect connects to a NATS as one of its users, through the place. The caller closes
// the connection. Its errors are Diagnostics: what the place could not reach, or that NATS refuses the user.
func Connect(ctx context.Context, on Client, to Ref, user string) (*nats.Conn, error) {
	login := to.Credential(user)
	values, err := on.Secret(ctx, to.Namespace, login.Secret)
	if err != nil {
		return nil, err
	}
	password, ok := values[PasswordKey]
	if !ok {
		return nil, diag.New(diag.NobodyAnswered, "Secret/"+login.Secret).
			Saw("there is no password for the user " + user + " in the namespace " + to.Namespace).
			Try("deploy " + to.Name + " first: it generates the credentials of its users")
	}
	dialer := &through{ctx: ctx, on: on, to: to.Service()}
	conn, err := nats.Connect(to.URL(), nats.UserInfo(user, password.Reveal()), nats.Name("harmony"),
		nats.SetCustomDialer(dialer), nats.SkipHostLookup(), nats.NoReconnect(), nats.IgnoreDiscoveredServers(),
		nats.CustomInboxPrefix(inbox), nats.Timeout(connectTimeout))
	switch {
	case err == nil:
		return conn, nil
	case dialer.err != nil:
		return nil, dialer.err
	case errors.Is(err, nats.ErrAuthorization):
		return nil, diag.New(diag.NobodyAnswered, "Service/"+to.Name).Because(err).
			Saw("NATS refuses the user " + user).
			Note("its configuration does not know the password that the Secret " + login.Secret + " has").
			Try("deploy " + to.Name + " again: it gives the servers the configuration that belongs to the Secrets")
	}
	return nil, diag.New(diag.NobodyAnswered, "Service/"+to.Name).Because(err).Saw("a connection was made, and no NATS answered on it")
}

// Connections of Connect take answers below inbox: a user who asks for anything needs to subscribe to Inboxes.
const (
	inbox   = "_INBOX.harmony"
	Inboxes = inbox + ".>"
)

// connectTimeout bounds one attempt to log in once the connection stands.
const connectTimeout = 5 * time.Second

// through dials the Service whatever address is asked for, and remembers why it could not.
type through struct {
	ctx context.Context //nolint:containedctx // of the one call of Connect: the client's dialer is given none
	on  kube.Dialer
	to  kube.Service
	err error
}

// Dial connects to the Service.
func (t *through) Dial(string, string) (net.Conn, error) {
	conn, err := t.on.Dial(t.ctx, t.to)
	t.err = err
	return conn, err
}
