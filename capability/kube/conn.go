// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	utilportforward "k8s.io/apimachinery/pkg/util/portforward"
	"k8s.io/streaming/pkg/httpstream"

	"nationtech.io/harmony/diag"
)

const tunnelPrefix = utilportforward.WebsocketsSPDYTunnelingPrefix

// conn is a forwarded connection. The streams of a port-forward know no deadlines, so the
// user holds one end of a pipe, which does, and two goroutines carry between the other end and the streams.
type conn struct {
	net.Conn // the user's end
	far      net.Conn
	stream   httpstream.Connection
	to       string // what was asked for, as in a path
	end      end

	refusal atomic.Pointer[diag.Diagnostic] // what the far side said
	carry   sync.WaitGroup
	once    sync.Once
}

// open makes a connection of a port-forward that was agreed upon.
func open(stream httpstream.Connection, to string, at end) (net.Conn, error) {
	headers := http.Header{}
	headers.Set(corev1.PortHeader, strconv.Itoa(at.port))
	headers.Set(corev1.PortForwardRequestIDHeader, "0")
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	complaints, err := stream.CreateStream(headers)
	if err != nil {
		return nil, unforwarded(stream, to, at, err)
	}
	if err := complaints.Close(); err != nil { // nothing is ever written to it
		return nil, unforwarded(stream, to, at, err)
	}
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := stream.CreateStream(headers)
	if err != nil {
		return nil, unforwarded(stream, to, at, err)
	}
	c := &conn{stream: stream, to: to, end: at}
	c.Conn, c.far = net.Pipe()
	heard := make(chan struct{})
	c.carry.Go(func() { defer close(heard); c.listen(complaints) })
	c.carry.Go(func() { c.receive(data, heard) })
	c.carry.Go(func() { c.send(data) })
	return c, nil
}

func unforwarded(stream httpstream.Connection, to string, at end, err error) error {
	_ = stream.Close() // it has ended already
	return diag.New(diag.APIUnreachable, to).Saw("the API server ended the connection to " + at.String() + " at once").Because(err)
}

// listen takes what the far side complains about.
func (c *conn) listen(complaints io.Reader) {
	text, _ := io.ReadAll(io.LimitReader(complaints, 4096))
	if len(text) == 0 {
		return
	}
	d := diag.New(diag.ConnectionRefused, c.to, c.end.pod.String()).Saw(strings.TrimSpace(string(text)))
	d.Note(fmt.Sprintf("the connection goes to port %d of the Pod", c.end.port))
	if strings.Contains(d.Evidence[0].Text, "refused") {
		d.Because(syscall.ECONNREFUSED)
	}
	c.refusal.Store(d)
	c.far.Close()
}

// receive carries what the far side sends. When it ends, the user reads to the end; a complaint
// that comes with it is waited for, because it is the reason.
func (c *conn) receive(data io.Reader, heard <-chan struct{}) {
	_, _ = io.Copy(c.far, data)
	select {
	case <-heard:
	case <-c.stream.CloseChan():
	}
	c.far.Close()
}

// send carries what the user writes, until the user closes.
func (c *conn) send(data io.WriteCloser) {
	_, err := io.Copy(data, c.far)
	data.Close()
	if err != nil {
		c.far.Close()
	}
}

// Read reads what the Pod sent.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	return n, c.why(err)
}

// Write sends to the Pod.
func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	return n, c.why(err)
}

// why puts the far side's complaint in place of the bare end that it causes.
func (c *conn) why(err error) error {
	if d := c.refusal.Load(); d != nil && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe)) {
		return d
	}
	return err
}

// Close ends the connection and everything that carries it.
func (c *conn) Close() error {
	c.once.Do(func() {
		c.Conn.Close()
		c.far.Close()
		_ = c.stream.Close()
		c.carry.Wait()
	})
	return nil
}

// RemoteAddr names the Pod.
func (c *conn) RemoteAddr() net.Addr {
	return podAddress(c.end.pod.Name + ":" + strconv.Itoa(c.end.port))
}

type podAddress string

func (podAddress) Network() string  { return "tcp" }
func (a podAddress) String() string { return string(a) }
