// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package messaging

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/secret"
)

const (
	// calloutLimit is how long a callout may take to answer. A server waits for it for longer, and then refuses as if it had.
	calloutLimit = 2 * time.Second
	// maxListed is how many connections of a server are looked at. It knows fewer users by itself.
	maxListed = 256
)

// wouldCut tells why a server had better not reload now; it is empty where nothing speaks against it. A server that reloads asks its
// callout about each connection again, and cuts those for which nobody answers.
func (s servers) wouldCut(ctx context.Context, conn *nats.Conn, at Login, server member, known []string) (why string) {
	if len(known) == 0 {
		return ""
	}
	others, err := hasOthers(ctx, conn, server, known)
	switch {
	case err != nil:
		return server.Name + " does not say who is connected: " + err.Error()
	case !others || s.calloutAnswers(ctx, at):
		return ""
	}
	return "no callout answers, and " + server.Name + " would cut those whom it let in: deploy the callout, or restart the servers"
}

// hasOthers tells whether someone is connected to the server whom it does not know by itself.
func hasOthers(ctx context.Context, conn *nats.Conn, server member, known []string) (bool, error) {
	msg, err := conn.RequestWithContext(ctx, "$SYS.REQ.SERVER."+server.ID+".CONNZ", fmt.Appendf(nil, `{"auth": true, "limit": %d}`, maxListed))
	if err != nil {
		return false, fmt.Errorf("ask %s: %w", server.Name, err)
	}
	var answer struct {
		Data struct {
			Total       int `json:"total"`
			Connections []struct {
				User string `json:"authorized_user"`
			} `json:"connections"`
		} `json:"data"`
	}
	if err := json.Unmarshal(msg.Data, &answer); err != nil {
		return false, fmt.Errorf("read the answer of %s: %w", server.Name, err)
	}
	for _, c := range answer.Data.Connections {
		if !slices.Contains(known, c.User) {
			return true, nil
		}
	}
	return answer.Data.Total > maxListed, nil
}

// calloutAnswers shows what is no token: who is refused before a server stops waiting was refused by a callout.
func (s servers) calloutAnswers(ctx context.Context, at Login) bool {
	conn, err := connect(ctx, s.on, at, "harmony", nats.Token(secret.Random().Reveal()), nats.Timeout(calloutLimit))
	if err == nil {
		conn.Close()
		return true
	}
	return errors.Is(err, nats.ErrAuthorization)
}
