// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"net"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/secret"
)

// tokenDialer asks for a token before it connects. A server waits for a client's credentials for some seconds only, and
// without a token there is nothing to connect for.
type tokenDialer struct {
	link *link
	// held is for the connection that is being made; the client makes one at a time.
	held   secret.Value
	minted time.Time // when it was given, if no server was connected to since
}

// spare is how long a token is kept that could be shown to nobody: while servers are away, a fleet that tries to reach them
// does not ask the identity provider each time.
const spare = time.Minute

// Dial fails with what the identity provider says, so that it is what the device's keeper reads.
func (d *tokenDialer) Dial(network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), tokenLimit+dialTimeout)
	defer cancel()
	if d.minted.IsZero() || time.Since(d.minted) > spare {
		var err error
		if d.held, err = d.link.minter.Token(ctx); err != nil {
			d.link.lost(err)
			return nil, err
		}
		d.minted = time.Now()
	}
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	if err == nil {
		d.minted = time.Time{}
	}
	return conn, err
}

// withToken makes every connection with a token of its own.
func (l *link) withToken() []nats.Option {
	d := &tokenDialer{link: l}
	return []nats.Option{nats.SetCustomDialer(d), nats.TokenHandler(func() string { return d.held.Reveal() })}
}
