// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"
)

func TestSystemdHearsThatTheAgentRunsAsLongAsItMakesProgress(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	heard, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = heard.Close() }()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "20000")
	a := &Agent{log: slog.New(slog.DiscardHandler), heartbeat: &heartbeat{interval: time.Second}}
	a.heartbeat.turned.Store(new(time.Now()))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { a.tellManager(ctx); close(ended) }()
	hears := func(want string) {
		t.Helper()
		text := make([]byte, 100)
		n, err := heard.Read(text)
		if got := string(text[:n]); got != want || err != nil {
			t.Errorf("systemd hears %q, not %q: %v", got, want, err)
		}
	}
	hears("READY=1")
	hears("WATCHDOG=1")
	hears("WATCHDOG=1")
	stop()
	<-ended
	for { // what was on its way before
		text := make([]byte, 100)
		n, err := heard.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		if string(text[:n]) == "STOPPING=1" {
			return
		}
	}
}

func TestAnAgentThatStandsStillDoesNotSaySystemdOtherwise(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	heard, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = heard.Close() }()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "2000")
	a := &Agent{log: slog.New(slog.DiscardHandler), heartbeat: &heartbeat{interval: time.Second}}
	a.heartbeat.turned.Store(new(time.Now().Add(-time.Hour)))
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	a.tellManager(ctx)
	for _, want := range []string{"READY=1", "STOPPING=1"} {
		text := make([]byte, 100)
		n, err := heard.Read(text)
		if got := string(text[:n]); got != want || err != nil {
			t.Errorf("systemd hears %q, not %q: %v", got, want, err)
		}
	}
}

func TestTheWatchdogIsFedTwiceInItsTime(t *testing.T) {
	for usec, want := range map[string]time.Duration{"60000000": 30 * time.Second, "": defaultWatch, "-1": defaultWatch, "soon": defaultWatch} {
		if got := watch(usec); got != want {
			t.Errorf("%q: %s, not %s", usec, got, want)
		}
	}
}
