// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package honest waits and beats as it should.
package honest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/wait"
)

// ErrRefused is an error that trying again does not help.
var ErrRefused = errors.New("refused")

type heart struct {
	send   func() error
	ticker *time.Ticker
	up     chan struct{}
	log    *slog.Logger
}

// beats until it is told to stop.
func (h *heart) beats(ctx context.Context, stop <-chan struct{}) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for rounds := 0; ; rounds++ {
		if err := h.send(); err != nil {
			h.log.Warn("not sent", "reason", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-stop:
			return
		case <-ticker.C:
		case <-h.up:
		}
	}
}

// fails when a beat does.
func (h *heart) fails(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.ticker.C:
			if err := h.send(); err != nil {
				return fmt.Errorf("beat: %w", err)
			}
		}
	}
}

// whileItWorks beats as long as it can, or until there were enough.
func (h *heart) whileItWorks(ctx context.Context, most int) (err error) {
	count, start := 0, time.Now()
	for err == nil && ctx.Err() == nil {
		<-h.ticker.C
		err = h.send()
		count++
		if count >= most || time.Since(start) > time.Hour {
			break
		}
	}
	return err
}

// next is a step of a beat.
func (h *heart) next(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-h.ticker.C:
		return true
	}
}

func (h *heart) stepwise(ctx context.Context) int {
	for h.next(ctx) {
		if h.send() != nil {
			return 1
		}
	}
	return 0
}

// again connects whenever the connection is lost, and gives up when it is refused.
func again(ctx context.Context, connect func() error) error {
	pause := time.Second
	for ctx.Err() == nil {
		err := connect()
		if errors.Is(err, ErrRefused) {
			return fmt.Errorf("connect: %w", err)
		}
		if errors.Is(err, context.Canceled) {
			return nil
		}
		if wait.Sleep(ctx, pause) != nil {
			return nil
		}
		pause = min(2*pause, time.Minute)
	}
	return diag.Ended(ctx)
}

type options struct{ follow bool }

// follow copies what comes, for ever if it is to.
func follow(ctx context.Context, to io.Writer, from io.Reader, o options) error {
	for {
		if _, err := io.Copy(to, from); err != nil {
			return err
		}
		if !o.follow || wait.Sleep(ctx, time.Second) != nil {
			return nil
		}
	}
}

// paced does one job at a tick.
func paced(ctx context.Context, jobs <-chan func() error, tick <-chan time.Time) error {
	for {
		job, ok := <-jobs
		if !ok {
			return nil
		}
		if stopped := ctx.Err() != nil; stopped {
			return nil
		}
		<-tick
		if err := job(); err != nil {
			return err
		}
	}
}

// answered waits for a message, not for a state: it is told.
func answered(messages <-chan string, want string) error {
	late := time.After(time.Second)
	for {
		select {
		case m := <-messages:
			if m == want {
				return nil
			}
		case <-late:
			return fmt.Errorf("no %q came: %w", want, ErrRefused)
		}
	}
}

// within waits for one thing and a limit.
func within(done <-chan struct{}, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

func patiently(done <-chan struct{}, log *slog.Logger) {
	for !within(done, time.Second) {
		log.Info("still waiting")
	}
}

// lines has a loop that ends by what it reads, and no clock.
func lines(r io.Reader, limit <-chan time.Time) (n int) {
	for s := bufio.NewScanner(r); s.Scan(); n++ {
		select {
		case <-limit:
			return n
		default:
		}
	}
	return n
}

// inTurn uses a wait for each of several things, which is no loop that pauses.
func inTurn(ctx context.Context, looks map[string]wait.Look) error {
	for what, look := range looks {
		if err := wait.Until(ctx, what, wait.Pace{}, look); err != nil {
			return err
		}
	}
	return nil
}

// spread starts work that beats by itself.
func spread(ctx context.Context, hearts []*heart, ready func(*heart) bool) bool {
	for _, h := range hearts {
		go func() { <-h.ticker.C }()
		go h.beats(ctx, nil)
		if ready(h) {
			return true
		}
	}
	return false
}

func told(ctx context.Context, work func(context.Context) error) error {
	err := work(ctx)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("after the work was done: %w", err)
	}
	if err = ctx.Err(); err == nil {
		err = ErrRefused
	} else {
		err = &wait.GaveUp{What: "work", Cause: err}
	}
	if ctx.Err() != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	return err
}

// a life is a context, whose Err gives just that.
type life struct{ context.Context }

func (l life) Err() error { return l.Context.Err() }

var _, _, _, _, _, _, _, _, _, _ = again, follow, paced, answered, patiently, lines, inTurn, spread, told, life{}
