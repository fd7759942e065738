// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/minter"
	"nationtech.io/harmony/fleet/agent/pace"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

const (
	dialTimeout  = 5 * time.Second
	pingInterval = 20 * time.Second // a half-open connection is found after three of these
	flushLimit   = 2 * time.Second
	tokenLimit   = 10 * time.Second // for an identity provider to give a token
)

// link is the connection to NATS. It comes back whenever it is lost.
type link struct {
	config config.Config
	log    *slog.Logger
	noise  *sparse
	up     chan struct{}  // gets a value whenever the connection comes up
	again  chan struct{}  // the same, for another listener
	minter *minter.Minter // nil where there is a user and a password
	clock  *clock.Clock
	pace   pace.Pace

	mu     sync.Mutex
	conn   *nats.Conn // nil before the first attempt
	ending bool       // the agent stops: a closed connection is no news
	status LinkStatus
}

// LinkStatus is how the connection to NATS stands.
type LinkStatus struct {
	Connected bool      `json:"connected"`
	Since     time.Time `json:"since"`            // when Connected last changed
	Server    string    `json:"server,omitempty"` // the one connected to
	Connects  int       `json:"connects"`         // how often the connection came up
	// LastError is why it was lost or could not be made, or what was refused on it; empty when nothing went wrong since it came up.
	LastError string `json:"last_error,omitempty"`
}

func newLink(c config.Config, clock *clock.Clock, log *slog.Logger) *link {
	l := &link{
		config: c, log: log, noise: newSparse(log), up: make(chan struct{}, 1), again: make(chan struct{}, 1), clock: clock,
		status: LinkStatus{Since: time.Now()},
	}
	if c.Profile != nil {
		l.minter = minter.New(*c.Profile, clock)
	}
	l.pace.Spread = l.spread
	return l
}

// spread is that of the configuration, or else what the identity provider says.
func (l *link) spread() time.Duration {
	if l.config.NATS.ReconnectSpread > 0 || l.minter == nil {
		return l.config.NATS.ReconnectSpread
	}
	return l.minter.Spread()
}

// run keeps the link until the context ends. attach is called with every new
// connection. nats.go reconnects by itself; what it takes as the end of a
// connection (a protocol error, a message that was too large) is none for an agent.
func (l *link) run(ctx context.Context, attach func(*nats.Conn) error) {
	for ctx.Err() == nil {
		closed := make(chan struct{})
		conn, err := nats.Connect("", l.options(func() { close(closed) })...)
		if err == nil {
			l.hold(conn)
			if err = attach(conn); err == nil {
				select {
				case <-ctx.Done():
				case <-closed:
				}
			}
			l.release(conn, closed, ctx.Err() != nil)
		}
		if ctx.Err() != nil {
			return
		}
		l.lost(cmp.Or(err, lastError(conn)))
		if wait.Sleep(ctx, l.pace.Pause()) != nil {
			return
		}
	}
}

func lastError(conn *nats.Conn) error {
	if conn == nil {
		return nil
	}
	return conn.LastError()
}

func (l *link) hold(conn *nats.Conn) {
	l.mu.Lock()
	l.conn = conn
	l.mu.Unlock()
}

// release sends what is still to be sent and ends the connection.
func (l *link) release(conn *nats.Conn, closed <-chan struct{}, ending bool) {
	l.mu.Lock()
	l.ending = ending
	l.mu.Unlock()
	if conn.IsConnected() {
		if err := conn.FlushTimeout(flushLimit); err != nil {
			l.log.Warn("the last messages may be lost", "reason", err.Error())
		}
	}
	conn.Close()
	<-closed
}

func (l *link) options(closed func()) []nats.Option {
	options := []nats.Option{
		func(o *nats.Options) error { o.Servers = l.config.NATS.URLs; return nil },
		nats.Name(contract.ConnectionName(l.config.Device)),
		nats.Timeout(dialTimeout), nats.PingInterval(pingInterval), nats.MaxPingsOutstanding(2),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectToServer(l.next),
		// Two equal refusals would otherwise end the connection: credentials are repaired while agents run.
		nats.IgnoreAuthErrorAbort(),
		// Servers advertise addresses of their own network, which may lead nowhere from here.
		nats.IgnoreDiscoveredServers(),
		// Nothing is kept for later in secret: what cannot be sent now is an error to whoever sends it.
		nats.ReconnectBufSize(-1),
		nats.ConnectHandler(l.connectedTo), nats.ReconnectHandler(l.connectedTo),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { l.lost(err) }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { l.lost(err) }),
		nats.ErrorHandler(l.complain),
		nats.ClosedHandler(func(*nats.Conn) { closed() }),
	}
	options = append(options, func(o *nats.Options) error {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Time: l.clock.Sure}
		return nil
	})
	if l.minter == nil {
		options = append(options, nats.UserInfoHandler(l.credentials))
	} else {
		options = append(options, l.withToken()...)
	}
	if l.config.NATS.CAFile != "" {
		options = append(options, nats.RootCAs(l.config.NATS.CAFile))
	}
	return options
}

// credentials are read at every attempt, so a changed password file is enough to repair them.
func (l *link) credentials() (string, string) {
	password, err := l.config.Credentials.Password()
	if err != nil {
		l.noise.warn("the credentials cannot be read", "reason", err.Error())
	}
	return l.config.Credentials.User, password.Reveal()
}

func (l *link) connectedTo(conn *nats.Conn) {
	l.mu.Lock()
	l.status = LinkStatus{Connected: true, Since: time.Now(), Server: conn.ConnectedUrlRedacted(), Connects: l.status.Connects + 1}
	l.mu.Unlock()
	l.pace.Connected()
	l.log.Info("connected to NATS", "server", conn.ConnectedUrlRedacted())
	for _, listener := range []chan struct{}{l.up, l.again} {
		select {
		case listener <- struct{}{}:
		default:
		}
	}
}

// lost notes that there is no connection, and why.
func (l *link) lost(err error) {
	why := "the connection was closed"
	if err != nil {
		why = human(err)
	}
	l.mu.Lock()
	news := !l.ending && (l.status.Connected || l.status.LastError != why)
	if l.status.Connected {
		l.status = LinkStatus{Since: time.Now(), Connects: l.status.Connects}
	}
	l.status.LastError = why
	l.mu.Unlock()
	if news {
		l.noise.warn("not connected to NATS, trying again", "reason", why)
	}
}

// next chooses a server, and the pause before it is tried. What went wrong with the attempt before is read beside it, because
// the client asks with its lock held; it tells of no attempt that fails after its dial, as for a certificate that is not trusted.
func (l *link) next(servers []nats.Server, info nats.ServerInfo) (*nats.Server, time.Duration) {
	go l.missed()
	return l.pace.Next(servers, info)
}

func (l *link) missed() {
	l.mu.Lock()
	conn := l.conn
	l.mu.Unlock()
	if err := lastError(conn); err != nil && !l.connected() {
		l.lost(err)
	}
}

// complain notes what the server refused, or what had to be dropped, on a connection that may still stand.
func (l *link) complain(conn *nats.Conn, sub *nats.Subscription, err error) {
	if errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) || errors.Is(err, nats.ErrAuthRevoked) {
		l.lost(err)
		return
	}
	args := []any{"reason", human(err)}
	if sub != nil && errors.Is(err, nats.ErrSlowConsumer) {
		dropped, _ := sub.Dropped()
		args = append(args, "dropped", dropped)
	}
	l.mu.Lock()
	l.status.LastError = human(err)
	l.mu.Unlock()
	l.noise.warn("trouble with NATS", args...)
}

// human says what an agent's keeper can do about an error that the server words for clients.
func human(err error) string {
	switch {
	case errors.Is(err, nats.ErrAuthorization):
		return "NATS refuses this device's credentials (" + err.Error() + "): check [credentials], and whether this device is still enrolled"
	case errors.Is(err, nats.ErrAuthExpired):
		return "the credentials have expired (" + err.Error() + ")"
	case errors.Is(err, nats.ErrAuthRevoked):
		return "the credentials were revoked (" + err.Error() + ")"
	case errors.Is(err, nats.ErrPermissionViolation):
		return "NATS does not let this device do this (" + err.Error() + "): its user has not the rights of a device of this name"
	case errors.Is(err, nats.ErrNoServers):
		return "none of nats.urls answers (" + err.Error() + ")"
	}
	return err.Error()
}

func (l *link) connected() bool { return l.now().Connected }

func (l *link) now() LinkStatus {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}

// publish sends a message, or says why it could not be handed to the connection.
func (l *link) publish(subject string, data []byte) error {
	l.mu.Lock()
	conn := l.conn
	l.mu.Unlock()
	if conn == nil {
		return nats.ErrConnectionClosed
	}
	return conn.Publish(subject, data)
}
