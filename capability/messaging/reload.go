// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package messaging

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// A changed Secret reaches a Pod's files only when its kubelet comes by, within
// a minute and a half by default, so a server is told to reload until it has it.
const (
	askEvery = time.Second
	answerIn = 500 * time.Millisecond
)

// Reload tells servers to reload until all of them run the configuration.
func (s servers) Reload(ctx context.Context, at Login, want Configuration) error {
	return wait.Until(ctx, "every NATS server to run the new configuration", wait.Pace{Every: askEvery}, func(ctx context.Context) (string, bool, error) {
		conn, err := Connect(ctx, s.on, at)
		if err != nil {
			return err.Error(), false, nil
		}
		defer conn.Close()
		old, err := outdated(conn, want)
		if err != nil {
			return err.Error(), false, nil
		}
		for _, server := range old {
			if why := s.wouldCut(ctx, conn, at, server, want.Known); why != "" {
				return why, false, nil
			}
			event.Emit(ctx, event.Progress{Text: "server " + server.Name + " takes over the new configuration"})
			if why := tellToReload(ctx, conn, server); why != "" {
				return server.Name + " does not reload: " + why, false, nil
			}
		}
		return fmt.Sprintf("%d servers have an older one", len(old)), len(old) == 0, nil
	})
}

// tellToReload returns why the server did not do it; empty when it did.
func tellToReload(ctx context.Context, conn *nats.Conn, server member) (why string) {
	msg, err := conn.RequestWithContext(ctx, "$SYS.REQ.SERVER."+server.ID+".RELOAD", nil)
	if err != nil {
		return err.Error()
	}
	var answer struct {
		Error struct {
			Description string `json:"description"`
		} `json:"error"`
	}
	if err := json.Unmarshal(msg.Data, &answer); err != nil {
		return "its answer cannot be read: " + err.Error()
	}
	return answer.Error.Description
}

// A member is what a NATS server says of itself.
type member struct {
	Name string   `json:"name"`
	ID   string   `json:"id"`
	Tags []string `json:"tags"`
}

// outdated lists the servers that run another configuration.
func outdated(conn *nats.Conn, want Configuration) (old []member, err error) {
	inbox := conn.NewRespInbox()
	answers, err := conn.SubscribeSync(inbox)
	if err != nil {
		return nil, fmt.Errorf("ask the servers: %w", err)
	}
	if err := conn.PublishRequest("$SYS.REQ.SERVER.PING", inbox, nil); err != nil {
		return nil, fmt.Errorf("ask the servers: %w", err)
	}
	var names []string
	for len(names) < want.Servers {
		msg, err := answers.NextMsg(answerIn)
		if err != nil {
			return nil, fmt.Errorf("%d of %d servers answered (%s): %w", len(names), want.Servers, strings.Join(names, ", "), err)
		}
		var answer struct {
			Server member `json:"server"`
		}
		if err := json.Unmarshal(msg.Data, &answer); err != nil {
			return nil, fmt.Errorf("a server's answer cannot be read: %w", err)
		}
		names = append(names, answer.Server.Name)
		if !slices.Contains(answer.Server.Tags, want.Tag) {
			old = append(old, answer.Server)
		}
	}
	return old, nil
}
