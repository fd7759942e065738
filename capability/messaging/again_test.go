// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package messaging

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony/streams"
)

func TestServersWithoutALeaderAreAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, asked := time.Now(), 0
		err := again(t.Context(), "an answer", func(ctx context.Context) error {
			if asked++; asked < 3 {
				<-ctx.Done() // no answer ever comes to this one
				return fmt.Errorf("no answer: %w", ctx.Err())
			}
			return nil
		})
		if took := time.Since(start); err != nil || asked != 3 || took < 2*askLimit || took > 3*askLimit {
			t.Errorf("asked %d times in %s: %v", asked, took, err)
		}
		refused := errors.New("refused")
		if err := again(t.Context(), "an answer", func(context.Context) error { return refused }); !errors.Is(err, refused) {
			t.Errorf("got %v", err)
		}
	})
}

func TestServersThatAreRestartedAreAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		passing := []error{errSilent, nats.ErrConnectionClosed, &jetstream.APIError{Code: 503, ErrorCode: notAvailable}}
		err := again(t.Context(), "an answer", func(context.Context) error {
			if asked++; asked <= len(passing) {
				return refused(Login{}, &streams.Error{Stream: "desired-state", Cause: passing[asked-1]})
			}
			return nil
		})
		if err != nil || asked != len(passing)+1 {
			t.Errorf("asked %d times: %v", asked, err)
		}
		start := time.Now()
		err = again(t.Context(), "an answer", func(context.Context) error { return errSilent })
		if took := time.Since(start); !errors.Is(err, errSilent) || took < askLimit || took > 2*askLimit {
			t.Errorf("gave up after %s: %v", took, err)
		}
	})
}
