// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony/fleet/stream"
	"nationtech.io/harmony/streams"
)

// Config says where NATS is and who asks.
type Config struct {
	URL, User string
	// PasswordFile is read at every attempt to connect.
	PasswordFile string
	// CAFile is a PEM file with the authorities that the servers' certificates are checked against; those of the system when empty.
	CAFile string
	Layout stream.Layout
}

// A Bus is the operator's two connections: one for everything, and one for heartbeats, so that a storm of these delays
// nothing else. Both come back whenever they are lost.
type Bus struct {
	config Config
	log    *slog.Logger
	conn   *nats.Conn
	beats  *nats.Conn
	js     jetstream.JetStream
	lost   atomic.Pointer[string] // why there is no connection
	doubt  atomic.Bool            // a write has failed
}

const (
	dialTimeout  = 5 * time.Second
	pingInterval = 20 * time.Second
	inFlight     = 4096 // manifests that are written and not yet acknowledged
	flushLimit   = 2 * time.Second
)

// Open connects, and goes on trying when nobody answers yet. Its error is one of the configuration.
func Open(c Config, log *slog.Logger) (*Bus, error) {
	b := &Bus{config: c, log: log}
	var err error
	if b.conn, err = nats.Connect(c.URL, b.options("")...); err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	if b.beats, err = nats.Connect(c.URL, b.options(" heartbeats")...); err != nil {
		b.conn.Close()
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	if b.js, err = jetstream.New(b.conn, jetstream.WithPublishAsyncMaxPending(inFlight)); err != nil {
		b.Close()
		return nil, fmt.Errorf("use JetStream: %w", err)
	}
	return b, nil
}

// Close ends both connections, after what was sent has left.
func (b *Bus) Close() {
	if b.conn.IsConnected() {
		if err := b.conn.FlushTimeout(flushLimit); err != nil {
			b.log.Warn("the last messages may be lost", "reason", err.Error())
		}
	}
	b.conn.Close()
	b.beats.Close()
}

// Connected tells whether there is a connection, and if not, why.
func (b *Bus) Connected() (yes bool, why string) {
	if b.conn.IsConnected() && b.beats.IsConnected() {
		return true, ""
	}
	why = "not connected to " + b.config.URL
	if reason := b.lost.Load(); reason != nil {
		why += ": " + *reason
	}
	return false, why
}

func (b *Bus) options(what string) []nats.Option {
	note := func(err error) {
		if err == nil {
			return
		}
		text := err.Error()
		if before := b.lost.Swap(&text); before == nil || *before != text {
			b.log.Warn("trouble with NATS", "connection", "operator"+what, "reason", text)
		}
	}
	options := []nats.Option{
		nats.Name("harmony-fleet-operator" + what), nats.UserInfoHandler(b.credentials), nats.CustomInboxPrefix(stream.Inbox),
		nats.Timeout(dialTimeout), nats.PingInterval(pingInterval), nats.MaxPingsOutstanding(2),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second),
		nats.IgnoreAuthErrorAbort(), nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { note(err) }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { note(err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { note(err) }),
		nats.ReconnectHandler(func(*nats.Conn) { b.lost.Store(nil) }),
	}
	if b.config.CAFile != "" {
		options = append(options, nats.RootCAs(b.config.CAFile))
	}
	return options
}

func (b *Bus) credentials() (user, password string) {
	text, err := os.ReadFile(b.config.PasswordFile)
	if err != nil {
		b.log.Warn("the password of NATS cannot be read", "reason", err.Error())
	}
	return b.config.User, strings.TrimSpace(string(text))
}

// Mend makes the buckets be as they must, and says what was not. A bucket that was missing is empty now.
func (b *Bus) Mend(ctx context.Context) ([]streams.Deviation, error) {
	return streams.Ensure(ctx, b.js, b.config.Layout.Buckets()...)
}

// Renew connects anew. What the server once refused, such as a subscription before the rights of the operator were made, is asked
// for again only on a new connection.
func (b *Bus) Renew() error {
	return errors.Join(b.conn.ForceReconnect(), b.beats.ForceReconnect())
}
