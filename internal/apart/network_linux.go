// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package apart

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Network is apart from the machine's: it has a loopback of its own and nothing else, and what is configured in it
// goes with it.
type Network struct{ do chan func() }

// NewNetwork makes a network. It lasts until it is closed, and what runs in it has ended.
func NewNetwork() (*Network, error) {
	n, made := &Network{make(chan func())}, make(chan error)
	go n.live(made)
	if err := <-made; err != nil {
		return nil, fmt.Errorf("make a network: %w", err)
	}
	return n, nil
}

// Close lets go of the network. Nothing may be asked of it then.
func (n *Network) Close() { close(n.do) }

// live runs what is to be done on a thread of the network. No other goroutine may have this thread ever: it is never
// unlocked, and ends with its goroutine.
func (n *Network) live(made chan<- error) {
	runtime.LockOSThread()
	err := syscall.Unshare(syscall.CLONE_NEWNET)
	if err == nil {
		err = loopback()
	}
	made <- err
	if err != nil {
		return
	}
	for f := range n.do {
		f()
	}
}

// within runs f on a thread of the network: what sockets and programs it makes are there.
func (n *Network) within(f func()) {
	done := make(chan struct{})
	n.do <- func() { f(); close(done) }
	<-done
}

// Dial connects to an IP address and port in the network.
func (n *Network) Dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	n.within(func() { conn, err = new(net.Dialer).DialContext(ctx, network, address) })
	return conn, err
}

// Listen listens on any port of the network's loopback.
func (n *Network) Listen(ctx context.Context) (listener net.Listener, err error) {
	n.within(func() { listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0") })
	return listener, err
}

// loopback takes up the loopback of the calling thread's network.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }() // nothing was written
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}
