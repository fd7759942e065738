// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package guestbook

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"

	"example.com/guestbook/web"
	"example.com/guestbook/web/entry"
)

// SmokeTest signs the guestbook, reads that back, hears of it on NATS, and takes it out again.
func (s Score) SmokeTest(ctx context.Context, on Place) error {
	start := time.Now()
	err := wait.Until(ctx, "an entry to go all the way", wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		if err := s.signed(ctx, on); err != nil {
			return err.Error(), false, nil
		}
		return "", true, nil
	})
	if err != nil {
		return err
	}
	event.Emit(ctx, event.Fact{Text: "signed, read back and heard of in " + event.Human(time.Since(start))})
	return nil
}

// limits of one attempt and of what it must take away again.
const (
	attempt = 5 * time.Second
	tidying = 2 * time.Second
)

func (s Score) signed(ctx context.Context, on Place) (err error) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	conn, err := messaging.Connect(ctx, on.Kubernetes(), s.broker().Ref().Login(Reader))
	if err != nil {
		return err
	}
	defer conn.Close()
	news, err := conn.SubscribeSync(entry.Subject)
	if err == nil {
		err = conn.FlushWithContext(ctx) // from here on nothing is missed
	}
	if err != nil {
		return fmt.Errorf("listen to %s: %w", entry.Subject, err)
	}
	visit := s.server().Ref().Visit(on.Kubernetes())
	signed, err := visit.Sign(ctx, "smoke test", rand.Text())
	if err != nil {
		return err
	}
	defer func() {
		tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidying)
		defer cancel()
		if left := visit.Strike(tidy, signed.ID); err == nil {
			err = left
		}
	}()
	if err := listed(ctx, visit, signed); err != nil {
		return err
	}
	return heard(ctx, news, signed)
}

func listed(ctx context.Context, visit web.Visit, signed entry.Entry) error {
	all, err := visit.Read(ctx)
	if err == nil && !slices.Contains(all, signed) {
		return diag.New(diag.WrongAnswer).Saw(fmt.Sprintf("signed %q, which is not among the %d entries", signed.Text, len(all)))
	}
	return err
}

// heard waits for the news of an entry; others may sign at the same time.
func heard(ctx context.Context, news *natsgo.Subscription, signed entry.Entry) error {
	for {
		message, err := news.NextMsgWithContext(ctx)
		if err != nil {
			return diag.New(diag.NobodyAnswered, "subject "+entry.Subject).Because(err).Saw("NATS does not tell of the entry " + signed.ID)
		}
		var told entry.Entry
		if err := json.Unmarshal(message.Data, &told); err == nil && told == signed {
			return nil
		}
	}
}
