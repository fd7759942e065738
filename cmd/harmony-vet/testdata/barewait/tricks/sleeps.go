// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package tricks breaks the rule in ways that are harder to see.
package tricks

import (
	"context"
	. "time"
	clock "time"

	poll "k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/retry"
)

var pause = clock.Sleep // want `time.Sleep pauses`

var naps = map[string]func(Duration){"short": Sleep} // want `time.Sleep pauses`

func sleeps(ctx context.Context, d Duration) {
	defer Sleep(d)      // want `time.Sleep pauses`
	go (clock.Sleep)(d) // want `time.Sleep pauses`
	<-After(d)          // want `a receive from a clock alone is a sleep`
	timer := NewTimer(d)
	<-timer.C // want `a receive from a clock alone is a sleep`
	ticks := NewTicker(d).C
	_, _ = <-ticks // want `a receive from a clock alone is a sleep`
	select {
	case <-After(d): // want `a select of nothing but clocks`
	}
	select {
	case <-timer.C: // want `a select of nothing but clocks`
	case <-ctx.Done():
	}
	for range Tick(d) { // want `time.Tick pauses`
	}
	for {
		<-After(d) // want `a receive from a clock alone is a sleep`
	}
}

func pollers(ctx context.Context, look poll.ConditionWithContextFunc) error {
	until := poll.PollUntilContextTimeout // want `wait.PollUntilContextTimeout polls`
	if err := until(ctx, Second, Minute, true, look); err != nil {
		return err
	}
	if err := poll.ExponentialBackoffWithContext(ctx, poll.Backoff{}, look); err != nil { // want `wait.ExponentialBackoffWithContext polls`
		return err
	}
	return retry.RetryOnConflict(retry.DefaultRetry, func() error { return nil }) // want `retry.RetryOnConflict polls`
}
