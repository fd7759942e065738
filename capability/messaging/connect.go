// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package messaging

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// A Client is what connecting needs of a place: to read the user's password and to reach the Service.
type Client interface {
	kube.Reader
	kube.Dialer
}

// Connect connects to a message server as one of its users, through the place. The caller closes
// the connection. Its errors are Diagnostics: what the place could not reach, or that the server refuses the user.
func Connect(ctx context.Context, on Client, at Login) (*nats.Conn, error) {
	values, err := on.Secret(ctx, at.Service.Namespace, at.Secret)
	if err != nil {
		return nil, err
	}
	password, ok := values[at.Key]
	if !ok {
		return nil, diag.New(diag.NobodyAnswered, "Secret/"+at.Secret).
			Saw("there is no password for the user " + at.User + " in the namespace " + at.Service.Namespace).
			Try("deploy " + at.Service.Name + " first: it generates the credentials of its users")
	}
	conn, err := connect(ctx, on, at, "harmony", nats.UserInfo(at.User, password.Reveal()))
	if errors.Is(err, nats.ErrAuthorization) {
		return nil, diag.New(diag.NobodyAnswered, "Service/"+at.Service.Name).Because(err).
			Saw("NATS refuses the user " + at.User).
			Note("its configuration does not know the password that the Secret " + at.Secret + " has").
			Try("deploy " + at.Service.Name + " again: it gives the servers the configuration that belongs to the Secrets")
	}
	return conn, err
}

// ConnectToken connects as whoever shows a token, to a message server that has a callout, which may go by the connection's name;
// who the login is for does not count.
// Its errors are as those of Connect, and nats.ErrAuthorization where the server lets nobody in with it.
func ConnectToken(ctx context.Context, on Client, at Login, name string, token secret.Value) (*nats.Conn, error) {
	return connect(ctx, on, at, name, nats.Token(token.Reveal()))
}

func connect(ctx context.Context, on Client, at Login, name string, as ...nats.Option) (*nats.Conn, error) {
	dialer := &through{ctx: ctx, on: on, to: at.Service}
	options := []nats.Option{
		nats.Name(name), nats.SetCustomDialer(dialer), nats.SkipHostLookup(), nats.NoReconnect(), nats.IgnoreDiscoveredServers(),
		nats.CustomInboxPrefix(inbox), nats.Timeout(connectTimeout),
		// What a server refuses is asked for by LastError; nats.go would print it.
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
	options = append(options, as...)
	if at.Authority != (Authority{}) {
		pinned, err := pinned(ctx, on, at)
		if err != nil {
			return nil, err
		}
		options = append(options, nats.Secure(pinned))
	}
	conn, err := nats.Connect(at.URL(), options...)
	service := "Service/" + at.Service.Name
	switch {
	case err == nil:
		return conn, nil
	case dialer.err != nil:
		return nil, dialer.err
	case errors.Is(err, nats.ErrAuthorization):
		return nil, err
	}
	return nil, diag.New(diag.NobodyAnswered, service).Because(errors.Join(errSilent, err)).Saw(errSilent.Error())
}

// errSilent is what a server leaves behind that ends, or one that is no NATS.
var errSilent = errors.New("a connection was made, and no NATS answered on it")

// pinned trusts the authority of the login, and nobody else.
func pinned(ctx context.Context, on Client, at Login) (*tls.Config, error) {
	values, err := on.Secret(ctx, at.Service.Namespace, at.Authority.Secret)
	if err != nil {
		return nil, err
	}
	trusted := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}
	if !trusted.RootCAs.AppendCertsFromPEM([]byte(values[at.Authority.Key].Reveal())) {
		return nil, diag.New(diag.NobodyAnswered, "Secret/"+at.Authority.Secret).
			Saw("there is no certificate of an authority in the namespace " + at.Service.Namespace).
			Try("deploy " + at.Service.Name + " first: it has the certificate that its clients pin")
	}
	return trusted, nil
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
