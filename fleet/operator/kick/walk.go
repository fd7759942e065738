// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kick

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/contract"
)

const (
	// pageSize is how many connections a server tells of at a time.
	pageSize = 1024
	// firstLimit is how long the first server may take to answer, and othersLimit how long the next one may after it. How many
	// there are nobody says; after the first page it is known.
	firstLimit  = 5 * time.Second
	othersLimit = 500 * time.Millisecond
)

// everywhere is where all servers of a cluster are asked.
const everywhere = "$SYS.REQ.SERVER.PING.CONNZ"

// A connection is one of the account of devices, as its server tells it.
type connection struct {
	ID   uint64 `json:"cid"`
	Name string `json:"name"`
	// User is empty where a token was shown; then the server has the word REDACTED for it, or what the client says.
	User   string `json:"authorized_user"`
	server string
}

// of gives the wanted device whose connection it is, if it is one's.
func (c connection) of(wanted func(contract.DeviceID) bool) (contract.DeviceID, bool) {
	for _, named := range []struct {
		by string
		as func(contract.DeviceID) string
	}{{c.Name, contract.ConnectionName}, {c.User, contract.DeviceUser}} {
		// What stands before the id is the same in all of them.
		id, cut := strings.CutPrefix(named.by, named.as(contract.DeviceID{}))
		if !cut {
			continue
		}
		if device, err := contract.ParseDeviceID(id); err == nil && wanted(device) {
			return device, true
		}
	}
	return contract.DeviceID{}, false
}

type page struct {
	Server struct {
		ID string `json:"id"`
	} `json:"server"`
	Data struct {
		Connections []connection `json:"connections"`
	} `json:"data"`
	Error *struct {
		Description string `json:"description"`
	} `json:"error"`
}

// A walk goes through the connections of all servers, in the order in which they came: who comes meanwhile stands at the end.
type walk struct {
	conn    *nats.Conn
	page    int
	offset  int
	servers int // which answered the first page; zero before it
}

// errSilent is that a server has not answered which did before, or none at all.
var errSilent = errors.New("not all servers of NATS tell who is connected")

// next gives the next connections of every server, and whether there may be more.
func (w *walk) next(ctx context.Context) (found []connection, more bool, err error) {
	pages, err := w.ask(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, p := range pages {
		more = more || len(p.Data.Connections) >= w.page
		for _, c := range p.Data.Connections {
			c.server = p.Server.ID
			found = append(found, c)
		}
	}
	w.offset = max(w.offset, 0) + w.page
	return found, more, nil
}

// ask asks all servers for the same page.
func (w *walk) ask(ctx context.Context) (pages []page, err error) {
	question, err := json.Marshal(map[string]any{"acc": contract.AccountDevices, "auth": true, "limit": w.page, "offset": max(w.offset, 0), "sort": "cid"})
	if err != nil {
		return nil, err
	}
	inbox := w.conn.NewRespInbox()
	answers, err := w.conn.SubscribeSync(inbox)
	if err == nil {
		defer func() { _ = answers.Unsubscribe() }() // on a connection that is gone there is nothing to end
		err = w.conn.PublishRequest(everywhere, inbox, question)
	}
	if err != nil {
		return nil, fmt.Errorf("ask who is connected: %w", err)
	}
	for limit := firstLimit; w.servers == 0 || len(pages) < w.servers; limit = w.patience() {
		p, err := one(ctx, answers, limit)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			break
		}
		if err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	if len(pages) == 0 || len(pages) < w.servers {
		return nil, errSilent
	}
	w.servers = len(pages)
	return pages, nil
}

func (w *walk) patience() time.Duration {
	if w.servers == 0 {
		return othersLimit
	}
	return firstLimit
}

func one(ctx context.Context, answers *nats.Subscription, limit time.Duration) (p page, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	m, err := answers.NextMsgWithContext(ctx)
	if err != nil {
		return p, fmt.Errorf("hear who is connected: %w", err)
	}
	if err := json.Unmarshal(m.Data, &p); err != nil {
		return p, fmt.Errorf("understand who is connected: %w", err)
	}
	if p.Error != nil {
		return p, fmt.Errorf("%w: %s", errSilent, p.Error.Description)
	}
	return p, nil
}
