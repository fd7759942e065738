// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package tricks

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"nationtech.io/harmony/wait"
)

var errGone = errors.New("gone")

type door struct {
	open   atomic.Bool
	ticker *time.Ticker
}

func (d *door) ready() bool { return d.open.Load() }

func (d *door) rest(ctx context.Context) { _ = wait.Sleep(ctx, time.Second) }

func (d *door) tick(wake <-chan struct{}) {
	select {
	case <-d.ticker.C:
	case <-wake:
	}
}

func (d *door) byCondition(ctx context.Context) {
	for !d.ready() { // want `a polling loop`
		d.rest(ctx)
	}
}

func (d *door) byHelper(wake <-chan struct{}) {
	next := d.tick
	for { // want `a polling loop`
		if next(wake); d.ready() {
			break
		}
	}
}

func (d *door) byRange(ctx context.Context) error {
	for range 100 { // want `a polling loop`
		if d.ready() {
			return nil
		}
		if err := wait.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	return errGone
}

func (d *door) byTicks() {
	for range d.ticker.C { // want `a polling loop`
		if d.ready() {
			return
		}
	}
}

func (d *door) byLabel(ctx context.Context) {
search:
	for { // want `a polling loop`
		select {
		case <-ctx.Done():
			return
		case <-d.ticker.C:
			switch {
			case d.ready():
				break search
			}
		}
	}
}

func (d *door) byGoto(ctx context.Context) {
again:
	if d.ready() {
		return
	}
	select {
	case <-ctx.Done():
		return
	case <-d.ticker.C:
	}
	goto again // want `a loop of goto that pauses on a clock`
}

func (d *door) byGotoOut() {
	for { // want `a polling loop`
		<-d.ticker.C
		if d.ready() {
			goto out
		}
	}
out:
	d.open.Store(false)
}

func (d *door) byClosure() {
	nap := func() { <-d.ticker.C }
	for { // want `a polling loop`
		if nap(); !d.ready() {
			continue
		}
		return
	}
}

func (d *door) byInnerLoop() {
	for !d.ready() { // want `a polling loop`
		for range 3 {
			<-d.ticker.C
		}
	}
}

func (d *door) inALiteral() func() bool {
	return func() bool {
		for { // want `a polling loop`
			func() { <-d.ticker.C }()
			if seen := d.ready(); seen {
				return seen
			}
		}
	}
}

func (d *door) byCounting() {
	for seen := 0; seen < 3; { // want `a polling loop`
		<-d.ticker.C
		if d.ready() {
			seen++
		}
	}
}

func (d *door) byAnotherGoroutine() {
	done := false
	go func() { done = d.ready() }()
	for !done { // want `a polling loop`
		<-d.ticker.C
	}
}

func (d *door) byTimeouts(parent context.Context) {
	for !d.ready() { // want `a polling loop`
		ctx, cancel := context.WithTimeout(parent, time.Second)
		<-ctx.Done()
		cancel()
	}
}

func (d *door) bySpinning() {
	for !d.ready() { // want `a polling loop`
		runtime.Gosched()
	}
}

func untilGone(ctx context.Context, name string) error {
	for { // want `a polling loop`
		if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err := wait.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

func retried[T any](ticks <-chan time.Time, try func() (T, error)) (T, error) {
	for { // want `a polling loop`
		v, err := try()
		switch err {
		case nil:
			return v, nil
		case errGone:
			return v, err
		default:
			<-ticks
		}
	}
}

func inTheEnd(ticks <-chan time.Time, try func() error) {
	for { // want `a polling loop`
		if err := try(); err != nil {
			<-ticks
			continue
		}
		break
	}
}

func outer(ticks <-chan time.Time, ready func() bool) {
outer:
	for {
		for { // want `a polling loop`
			<-ticks
			if ready() {
				continue outer
			}
		}
	}
}

var _, _, _, _, _ = pause, naps, sleeps, pollers, inTheEnd
