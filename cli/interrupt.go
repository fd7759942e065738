// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

type stopKey struct{}

// interruptible gives a context that knows of interrupts. The first closes what stop gives: a run that changes things
// starts no new step then. The second cancels the context, and everything returns at once. A third ends the program,
// whatever hangs. off ends that.
func interruptible(ctx context.Context) (_ context.Context, off func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop, ended := make(chan struct{}), make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer signal.Stop(signals)
		for _, then := range []func(){func() { close(stop) }, cancel} {
			select {
			case <-signals:
				then()
			case <-ended:
				return
			}
		}
	}()
	return context.WithValue(ctx, stopKey{}, stop), func() { close(ended); cancel() }
}

// stop is closed by the first interrupt; nil where nobody interrupts.
func stop(ctx context.Context) <-chan struct{} {
	c, _ := ctx.Value(stopKey{}).(chan struct{})
	return c
}

// untilStop is for what changes nothing: there the first interrupt ends everything.
func untilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-stop(ctx):
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
