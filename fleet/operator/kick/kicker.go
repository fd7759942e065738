// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kick

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/stream"
)

// Config says where NATS is and who asks: a user of the system account with the rights of stream.KickerRights.
type Config struct {
	URL, User string
	// PasswordFile is read at every attempt to connect.
	PasswordFile string
	// CAFile is a PEM file with the authorities that the servers' certificates are checked against; those of the system when empty.
	CAFile string
}

const (
	dialTimeout = 5 * time.Second
	// kickLimit bounds how long a server may take to close one connection, which takes milliseconds.
	kickLimit = 2 * time.Second
)

// A Kicker closes connections.
type Kicker struct {
	config Config
	log    *slog.Logger
	conn   *nats.Conn
	page   int // how many connections a server tells of at a time
}

// Open connects, and goes on trying when nobody answers yet. Its error is one of the configuration.
func Open(c Config, log *slog.Logger) (*Kicker, error) {
	k := &Kicker{config: c, log: log, page: pageSize}
	note := func(_ *nats.Conn, err error) {
		if err != nil {
			log.Warn("trouble with NATS", "connection", "kicker", "reason", err.Error())
		}
	}
	options := []nats.Option{
		nats.Name("harmony-fleet-operator kicker"), nats.UserInfoHandler(k.credentials), nats.CustomInboxPrefix(stream.KickerInbox),
		nats.Timeout(dialTimeout), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectBufSize(-1), nats.DisconnectErrHandler(note), nats.ReconnectErrHandler(note),
		nats.ErrorHandler(func(conn *nats.Conn, _ *nats.Subscription, err error) { note(conn, err) }),
	}
	if c.CAFile != "" {
		options = append(options, nats.RootCAs(c.CAFile))
	}
	var err error
	if k.conn, err = nats.Connect(c.URL, options...); err != nil {
		return nil, fmt.Errorf("connect to NATS as %s: %w", c.User, err)
	}
	return k, nil
}

// Close ends its own connection.
func (k *Kicker) Close() { k.conn.Close() }

func (k *Kicker) credentials() (user, password string) {
	text, err := os.ReadFile(k.config.PasswordFile)
	if err != nil {
		k.log.Warn("the password of NATS cannot be read", "user", k.config.User, "reason", err.Error())
	}
	return k.config.User, strings.TrimSpace(string(text))
}

// Kick closes every connection of the devices that are wanted, and tells how many it has closed of each. However many devices there
// are, and whatever they do, it looks through the connections of the servers once. Without an error, all that stood when it began
// are closed; who is not let in any more does not come back.
func (k *Kicker) Kick(ctx context.Context, wanted func(contract.DeviceID) bool) (closed map[contract.DeviceID]int, err error) {
	closed = map[contract.DeviceID]int{}
	walk := walk{conn: k.conn, page: k.page}
	for more := true; more && err == nil; {
		var found []connection
		if found, more, err = walk.next(ctx); err != nil {
			break
		}
		for _, c := range found {
			device, match := c.of(wanted)
			if !match {
				continue
			}
			gone, refused := k.close(ctx, c)
			if gone {
				closed[device]++
				walk.offset-- // those behind it have moved up
			}
			err = errors.Join(err, refused)
		}
	}
	return closed, err
}

// close closes one connection, and tells whether it was there.
func (k *Kicker) close(ctx context.Context, c connection) (gone bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, kickLimit)
	defer cancel()
	asked, err := json.Marshal(map[string]uint64{"cid": c.ID})
	if err != nil {
		return false, err
	}
	m, err := k.conn.RequestWithContext(ctx, "$SYS.REQ.SERVER."+c.server+".KICK", asked)
	if err != nil {
		return false, fmt.Errorf("close connection %d of server %s: %w", c.ID, c.server, err)
	}
	var said struct {
		Error *struct {
			Description string `json:"description"`
		} `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &said); err != nil {
		return false, fmt.Errorf("close connection %d of server %s: %w", c.ID, c.server, err)
	}
	return said.Error == nil, nil // what cannot be closed has gone by itself
}
