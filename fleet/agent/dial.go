// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"net"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/secret"
)

// tokenDialer asks for a token before it connects. A server waits for a client's credentials for some seconds only, and
// without a token there is nothing to connect for.
type tokenDialer struct {
	link *link
	held secret.Value // for the connection that is being made; the client makes one at a time
}

// Dial fails with what the identity provider says, so that it is what the device's keeper reads.
func (d *tokenDialer) Dial(network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), tokenLimit+dialTimeout)
	defer cancel()
	var err error
	if d.held, err = d.link.minter.Token(ctx); err != nil {
		d.link.lost(err)
		return nil, err
	}
	return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
}

// withToken makes every connection with a token of its own.
func (l *link) withToken() []nats.Option {
	d := &tokenDialer{link: l}
	return []nats.Option{nats.SetCustomDialer(d), nats.TokenHandler(func() string { return d.held.Reveal() })}
}
