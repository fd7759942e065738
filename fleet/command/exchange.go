// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"nationtech.io/harmony/fleet/contract"
)

// exchange is one command and its answer.
type exchange struct {
	conn     *nats.Conn
	device   contract.DeviceID
	verb     contract.Verb
	asked    contract.Asked
	incoming chan *nats.Msg
	// before is the connection's last error when the exchange began: every refusal
	// of the server is a new value, so another one tells of this exchange.
	before                error
	command, reply, inbox string
	subscriptions         []*nats.Subscription
}

// run subscribes first, so that no answer can be missed. The inbox is only for
// the server's own word that no one listens: a device never looks at it, and
// has no right to write there.
func (x *exchange) run(ctx context.Context, data []byte) ([]byte, error) {
	for _, subject := range []string{x.reply, x.inbox} {
		s, err := x.conn.ChanSubscribe(subject, x.incoming)
		if err != nil {
			return nil, x.broken(err)
		}
		x.subscriptions = append(x.subscriptions, s)
	}
	if err := x.conn.PublishRequest(x.command, x.inbox, data); err != nil {
		return nil, x.broken(err)
	}
	if err := x.conn.FlushWithContext(ctx); err != nil {
		if errors.Is(context.Cause(ctx), context.Canceled) {
			return nil, x.late(ctx)
		}
		return nil, x.broken(err) // also when the deadline passes: the server itself has not answered
	}
	// The server answers in order: what it refuses it has said before the flush returned.
	//nolint:errorlint // the same error once more is another refusal
	if now := x.conn.LastError(); now != x.before && forbidden(now, x.command, x.reply, x.inbox) {
		return nil, x.fail(Denied, now.Error(), now)
	}
	return x.wait(ctx)
}

func (x *exchange) wait(ctx context.Context) ([]byte, error) {
	for {
		select {
		case m := <-x.incoming:
			if m.Subject == x.reply {
				return m.Data, nil
			}
			if m.Header.Get("Status") == "503" {
				return nil, x.fail(DeviceOffline, "no one listens on "+x.command, nats.ErrNoResponders)
			}
		case <-ctx.Done():
			return nil, x.late(ctx)
		}
	}
}

func (x *exchange) late(ctx context.Context) error {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, context.Canceled):
		return x.fail(Timeout, "the caller stopped waiting for an answer on "+x.reply, cause)
	case !x.conn.IsConnected():
		return x.broken(cause)
	default:
		return x.fail(Timeout, "someone listens on "+x.command+", and no answer came on "+x.reply+" before the deadline", cause)
	}
}

func (x *exchange) broken(err error) error {
	return x.fail(Transport, fmt.Sprintf("connection to NATS is %s: %v", x.conn.Status(), err), err)
}

func (x *exchange) fail(kind Kind, detail string, cause error) error {
	return &Error{kind, x.device, x.verb, detail, cause}
}

// close ends the subscriptions; on a connection that is gone there is nothing left to end.
func (x *exchange) close() {
	for _, s := range x.subscriptions {
		_ = s.Unsubscribe()
	}
}
