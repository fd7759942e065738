// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package pace

import (
	"net/url"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"pgregory.net/rapid"
)

func TestPausesGrowWithTheOutageAndSpread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rounds := rapid.IntRange(0, 1_000_000).Draw(t, "rounds")
		if got := Pause(rounds, 0); got < firstPause/2 || got > maxPause {
			t.Fatalf("after %d rounds: %s", rounds, got)
		}
	})
	waited := time.Duration(0)
	for rounds := range 60 {
		if got := Pause(rounds, 0); got > firstPause+waited {
			t.Fatalf("after %s the next pause is %s: someone would be late by more than the outage lasted", waited, got)
		} else {
			waited += got
		}
	}
	seen := map[time.Duration]bool{}
	for range 100 {
		seen[Pause(30, 0)] = true
	}
	if len(seen) < 90 {
		t.Errorf("only %d of 100 pauses differ", len(seen))
	}
}

func TestAFleetComesBackEvenlyOverItsSpreadHoweverLongItWasAway(t *testing.T) {
	const devices, spread = 8000, 8 * time.Second
	for _, outage := range []time.Duration{0, time.Second, 5 * time.Second, time.Minute} {
		late, seconds := 0, map[int]int{}
		for range devices {
			// Attempts fail until the servers are back.
			at := time.Duration(0)
			for failed := 0; at <= outage; failed++ {
				at += Pause(failed, spread)
			}
			seconds[int((at-outage)/time.Second)]++
			if at > outage+max(spread, maxPause) {
				late++
			}
		}
		if late > 0 {
			t.Errorf("after %s, %d devices are late", outage, late)
		}
		for second, n := range seconds {
			if n > 2*devices/8+devices/20 {
				t.Errorf("after %s, %d devices come in second %d", outage, n, second)
			}
		}
	}
}

func TestTheServerThatWasTriedLeastIsNext(t *testing.T) {
	at := func(host string, tried int) nats.Server {
		return nats.Server{URL: &url.URL{Host: host}, Reconnects: tried}
	}
	p := Pace{Spread: func() time.Duration { return 0 }}
	for range 20 {
		s, pause := p.Next([]nats.Server{at("a", 3), at("b", 1), at("c", 2)}, nats.ServerInfo{})
		if s.URL.Host != "b" || pause < firstPause/2 {
			t.Fatalf("%v after %s", s, pause)
		}
	}
	longest := p.Pause()
	p.Connected()
	if first := p.Pause(); first > firstPause || longest <= firstPause {
		t.Errorf("%s, and %s when it was connected since", longest, first)
	}
}
