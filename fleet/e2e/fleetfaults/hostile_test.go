// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/sim"
	"nationtech.io/harmony/wait"
)

// hostile are devices that do what they must not.
func hostile() []fault {
	return []fault{
		{name: "device-says-nonsense", do: func(w *world) { w.possess(sim.Behaviour{Garbage: true, Oversized: true}) }},
		{name: "device-says-ten-megabytes", do: tenMegabytes},
		{name: "device-speaks-as-another", do: func(w *world) { w.possess(sim.Behaviour{As: w.some(1)[0].id}) }},
		{name: "device-lies", do: func(w *world) { w.possess(sim.Behaviour{Lie: true}) }},
		{name: "one-device-floods", do: flood, devices: 1000, each: 20},
		{name: "devices-refuse", do: refusals},
	}
}

// possess lets devices behave so for a while, in which the status must be true of all others.
func (w *world) possess(how sim.Behaviour) {
	w.t.Helper()
	bad := w.some(2)
	if !how.As.IsZero() {
		bad = w.some(1)
		for bad[0].id == how.As {
			bad = w.some(1)
		}
	}
	for _, b := range bad {
		b.odd = true
		b.device.Behave(how)
	}
	w.moment(5*time.Second, 8*time.Second)
	w.calm()
	w.settled(heals)
	w.note("true_meanwhile=true")
	w.load()
	w.moment(time.Second, 3*time.Second)
	for _, b := range bad {
		b.odd = false
		b.device.Behave(sim.Behaviour{})
		b.device.Again()
	}
}

// tenMegabytes has a device send a report of that size, again and again, as no library would.
func tenMegabytes(w *world) {
	bad := w.some(1)[0]
	large := bytes.Repeat([]byte("x"), 10<<20)
	for range 5 {
		w.moment(200*time.Millisecond, time.Second)
		conn, err := net.Dial("tcp", w.natsAt)
		check(w.t, err)
		_, err = fmt.Fprintf(conn, "CONNECT {\"user\":%q,\"pass\":%q,\"verbose\":false}\r\nPUB %s %d\r\n", bad.id, password, contract.StateSubject(bad.id), len(large))
		check(w.t, err)
		if _, err := conn.Write(large); err == nil {
			w.note("swallowed=true") // the kernel may have taken it, though NATS has not
		}
		_ = conn.Close() // the server has done so already
	}
}

// flood has one of 1,000 devices send as much as it can, while all others are told something new.
func flood(w *world) {
	bad := w.boxes[len(w.boxes)-1]
	bad.odd = true
	user := w.lines(false, 20)
	conn, err := nats.Connect("nats://"+w.natsAt, nats.UserInfo(user[len(user)-1][0].String(), password))
	check(w.t, err)
	defer conn.Close()
	beat, err := contract.Heartbeat{Instance: contract.NewInstanceID(), Sequence: 1}.Encode()
	check(w.t, err)
	ctx, stop := context.WithCancel(w.t.Context())
	ended := make(chan int, 1)
	go func() {
		sent := 0
		for wait.Sleep(ctx, 10*time.Millisecond) == nil {
			for range 50 {
				if conn.Publish(contract.HeartbeatSubject(bad.id), beat) == nil && conn.Publish(contract.StateSubject(bad.id), []byte("nonsense")) == nil {
					sent += 2
				}
			}
		}
		ended <- sent
	}()
	w.moment(10*time.Second, 15*time.Second)
	w.calm()
	_, err = w.settle(heals)
	stop()
	w.note("flood=%d_messages", <-ended)
	check(w.t, err)
	w.note("online_meanwhile=999")
	bad.odd = false
	// Two processes that speak for one device are a finding for two minutes after both were heard; nothing is written meanwhile.
	check(w.t, wait.Sleep(w.t.Context(), forgotten))
}

// forgotten is after how long two processes of one device are no finding any more, and some seconds.
const forgotten = 125 * time.Second

// refusals has devices begin and end to refuse what they are told, at random.
func refusals(w *world) {
	for range 12 {
		w.moment(0, time.Second)
		for _, b := range w.some(2) {
			b.refuses = true
			b.device.Behave(sim.Behaviour{Fail: "refused"})
		}
		for _, b := range w.boxes {
			if b.refuses && w.random.IntN(3) == 0 {
				b.refuses = false
				b.device.Behave(sim.Behaviour{})
			}
		}
	}
}
