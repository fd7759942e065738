// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/contract"
)

// address is where a callout of a test listens.
func address(t *testing.T) string {
	t.Helper()
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	return free.Addr().String()
}

// says is what a callout answers at a path.
func says(t *testing.T, at, path string) (status int, text string) {
	t.Helper()
	answer, err := http.Get("http://" + at + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// dropped is how many questions a callout has dropped for that reason.
func dropped(t *testing.T, at, why string) int {
	t.Helper()
	_, text := says(t, at, "/metrics")
	found := regexp.MustCompile(`harmony_callout_dropped_total\{why="` + why + `"\} (\d+)`).FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A slow directory takes its time for one device, until it is let go.
type slow struct {
	callout.Directory
	device string
	asked  atomic.Int32
	let    chan struct{}
}

func (s *slow) Standing(device contract.DeviceID) callout.Standing {
	if device.String() == s.device {
		s.asked.Add(1)
		<-s.let
	}
	return s.Directory.Standing(device)
}

// The only worker is busy and the one place in the queue is taken: what comes then is dropped at once and counted, what has waited
// for too long is dropped unread, and who comes later is served.
func TestWhatIsTooMuchIsDroppedAtOnceAndOthersAreServed(t *testing.T) {
	w := callouttest.Start(t)
	at := address(t)
	directory := &slow{Directory: w.Directory, device: "press-07", let: make(chan struct{})}
	release := sync.OnceFunc(func() { close(directory.let) })
	w.Callout(func(c *callout.Config) { c.Workers, c.Waiting, c.Listen, c.Directory = 1, 1, at, directory })
	t.Cleanup(release) // before the callout ends, which waits for its worker
	shown, other := w.Issuer.Token("press-07", w.Enrol("press-07")), w.Issuer.Token("oven-11", w.Enrol("oven-11"))
	var dials sync.WaitGroup
	dial := func() {
		dials.Go(func() {
			if conn, err := w.DialAs("press-07", shown, nats.Timeout(time.Second)); err == nil {
				conn.Close()
			}
		})
	}
	dial()
	soon(t, "the worker is busy", func() bool { return directory.asked.Load() == 1 })
	for range 8 {
		dial()
	}
	soon(t, "what is too much is dropped", func() bool { return dropped(t, at, "full") == 7 })
	if n := directory.asked.Load(); n != 1 || dropped(t, at, "late") != 0 {
		t.Errorf("%d were looked at, %d were late", n, dropped(t, at, "late"))
	}
	if status, why := says(t, at, "/readyz"); status != http.StatusOK {
		t.Errorf("it is not ready while it is busy: %s", why)
	}
	dials.Wait()
	soon(t, "what waits has waited for too long", func() bool { _, err := w.DialAs("oven-11", other, nats.Timeout(4*time.Second)); return err != nil })
	release()
	soon(t, "who comes later is served", func() bool {
		conn, err := w.DialAs("oven-11", other)
		return err == nil && conn.Flush() == nil
	})
	if late := dropped(t, at, "late"); late != 1 || directory.asked.Load() != 1 {
		t.Errorf("%d were late, and %d were looked at", late, directory.asked.Load())
	}
}
