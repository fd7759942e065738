// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

const (
	bodyLimit = 9 * time.Second // for a content
	bodyAgain = 3 * time.Second // until it is asked for again
)

// attach listens for manifests and contents on a connection.
func (k *keeper) attach(conn *nats.Conn) error {
	answers := strings.TrimSuffix(contract.AnswerManifestSubject(k.config.Device), "manifest")
	for subject, hear := range map[string]nats.MsgHandler{
		contract.DesiredSubject(k.config.Device): func(m *nats.Msg) { k.accept(m.Data) },
		answers + ">":                            func(m *nats.Msg) { k.answer(strings.TrimPrefix(m.Subject, answers), m.Data) },
	} {
		sub, err := conn.Subscribe(subject, hear)
		if err == nil {
			err = sub.SetPendingLimits(pendingMessages, pendingBytes)
		}
		if err != nil {
			return &CommandServerError{"subscribing to " + subject, err}
		}
	}
	// What was fetched before it could be heard is fetched again.
	select {
	case k.link.again <- struct{}{}:
	default:
	}
	return nil
}

// answer takes what the device has asked for, and contents that it is about to ask for. Their digests are checked.
func (k *keeper) answer(to string, data []byte) {
	if to == "manifest" {
		k.accept(data)
		return
	}
	digest, err := contract.ParseDigest(strings.TrimPrefix(to, "body."))
	if err == nil && contract.DigestOf(data) == digest {
		k.bodies.give(digest, data)
	}
}

// fetchManifest asks for the manifest. The answer comes by itself, or the next timer asks again.
func (k *keeper) fetchManifest() {
	if !k.link.connected() {
		return
	}
	if err := k.link.publish(contract.FetchManifestSubject(k.config.Device), nil); err != nil {
		k.log.Warn("the manifest was not asked for", "reason", err.Error())
	}
}

// fetchBody asks for a content, again and again for a while. The error is a *diag.Diagnostic: HRM0807.
func (k *keeper) fetchBody(ctx context.Context, digest contract.Digest) (body []byte, err error) {
	came, done := k.bodies.want(digest)
	defer done()
	select {
	case body = <-came: // it came early
		return body, nil
	default:
	}
	missing := diag.New(diag.ContentMissing).Saw("no one gave " + digest.String())
	err = wait.Until(ctx, "a content", wait.Pace{Limit: bodyLimit}, func(ctx context.Context) (string, bool, error) {
		if !k.link.connected() {
			return "", false, missing.Note("there is no connection to NATS")
		}
		if err := k.link.publish(contract.FetchBodySubject(k.config.Device, digest.String()), nil); err != nil {
			return "", false, missing.Because(err)
		}
		limited, cancel := context.WithTimeout(ctx, bodyAgain)
		defer cancel()
		select {
		case body = <-came:
			return "", true, nil
		case <-limited.Done():
			k.fetchManifest() // it may name another content by now
			return "no answer", false, nil
		}
	})
	var gave *wait.GaveUp
	switch {
	case ctx.Err() != nil:
		return nil, errors.Join(missing, context.Cause(ctx))
	case errors.As(err, &gave):
		return nil, missing
	}
	return body, err
}

// waiting are the contents that are asked for, and who waits for them; and those that nobody has asked for yet.
type waiting struct {
	mu     sync.Mutex
	askers map[contract.Digest][]chan []byte
	early  contract.Early
}

func newWaiting() *waiting { return &waiting{askers: map[contract.Digest][]chan []byte{}} }

func (w *waiting) want(digest contract.Digest) (came <-chan []byte, done func()) {
	c := make(chan []byte, 1)
	w.mu.Lock()
	w.askers[digest] = append(w.askers[digest], c)
	if body, came := w.early.Take(digest); came {
		c <- body
	}
	w.mu.Unlock()
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.askers[digest] = without(w.askers[digest], c)
		if len(w.askers[digest]) == 0 {
			delete(w.askers, digest)
		}
	}
}

func (w *waiting) give(digest contract.Digest, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.askers[digest]) == 0 {
		w.early.Keep(digest, body)
	}
	for _, c := range w.askers[digest] {
		select {
		case c <- body:
		default: // it has it already
		}
	}
}

func without(all []chan []byte, one chan []byte) (rest []chan []byte) {
	for _, c := range all {
		if c != one {
			rest = append(rest, c)
		}
	}
	return rest
}
