// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"errors"
	"net"
	"sync"
)

// A wire carries connections to a server, and can be broken as a network can.
type wire struct {
	to       string
	listener net.Listener

	mu       sync.Mutex
	moves    *sync.Cond
	frozen   bool // nothing is carried, and nobody is told
	severed  bool // no connection is made
	pairs    map[*pair]struct{}
	accepted int
}

// A pair is one connection, on both sides of the wire.
type pair struct {
	client, server net.Conn
	deaf           bool // the server's side is gone, and the client does not know
}

func newWire(to string) (*wire, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &wire{to: to, listener: listener, pairs: map[*pair]struct{}{}}
	w.moves = sync.NewCond(&w.mu)
	go w.accept()
	return w, nil
}

func (w *wire) url() string { return "nats://" + w.listener.Addr().String() }

func (w *wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.mu.Lock()
		severed := w.severed
		w.accepted++
		w.mu.Unlock()
		if severed {
			_ = client.Close() // that is the fault
			continue
		}
		go w.connect(client)
	}
}

func (w *wire) connect(client net.Conn) {
	server, err := net.Dial("tcp", w.to)
	if err != nil {
		_ = client.Close() // as a server does that is not there
		return
	}
	p := &pair{client: client, server: server}
	w.mu.Lock()
	w.pairs[p] = struct{}{}
	w.mu.Unlock()
	go w.carry(p, server, client)
	w.carry(p, client, server)
}

// carry carries what comes from one side to the other until one of them ends.
func (w *wire) carry(p *pair, from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		w.mu.Lock()
		for w.frozen {
			w.moves.Wait()
		}
		deaf := p.deaf
		w.mu.Unlock()
		if deaf && from == p.server {
			return // the client's side stays open, and hears nothing
		}
		if !deaf && n > 0 {
			_, failed := to.Write(buffer[:n])
			err = errors.Join(err, failed)
		}
		if err != nil {
			w.end(p)
			return
		}
	}
}

func (w *wire) end(p *pair) {
	w.mu.Lock()
	delete(w.pairs, p)
	w.mu.Unlock()
	_, _ = p.client.Close(), p.server.Close() // one of them is closed already
}

// freeze lets nothing through any more; what was sent arrives after thaw, as TCP does it.
func (w *wire) freeze() { w.set(func() { w.frozen = true }) }

func (w *wire) thaw() { w.set(func() { w.frozen = false }) }

// sever cuts all connections, and lets nobody connect until mend.
func (w *wire) sever() {
	w.set(func() {
		w.severed = true
		for p := range w.pairs {
			_, _ = p.client.Close(), p.server.Close()
		}
	})
}

func (w *wire) mend() { w.set(func() { w.severed = false }) }

// halve leaves each connection half open: the server's side is closed, and the client hears nothing of that. Who connects anew
// gets through.
func (w *wire) halve() {
	w.set(func() {
		for p := range w.pairs {
			p.deaf = true
			_ = p.server.Close()
		}
		w.accepted = 0
	})
}

func (w *wire) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
	w.moves.Broadcast()
}

// anew is how many have connected since halve.
func (w *wire) anew() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.accepted
}

func (w *wire) close() {
	_ = w.listener.Close()
	w.thaw()
	w.sever()
}
