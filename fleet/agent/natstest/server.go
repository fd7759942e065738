// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package natstest starts a real nats-server with the accounts and rights of a
// fleet, on a real socket of loopback, for tests of what speaks to it.
package natstest

import (
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"nationtech.io/harmony/fleet/contract"
)

// FleetUser is the user of account FLEET; its password is the same.
const FleetUser = "operator"

// Server is a nats-server that can be stopped, started again on the same port and reconfigured.
type Server struct {
	t       testing.TB
	file    string
	port    int
	devices map[contract.DeviceID]string
	shared  []User
	server  *server.Server
	secured *certificate // nil without TLS
}

// Start starts a server that knows these devices by password. It ends with the test.
func Start(t testing.TB, devices map[contract.DeviceID]string) *Server {
	t.Helper()
	s := Reserve(t, devices)
	s.Up()
	return s
}

// StartShared starts a server with a user for each group of devices, who has the rights of them all, and is named as the first
// of them is, with this for a password. It ends with the test.
func StartShared(t testing.TB, groups [][]contract.DeviceID) *Server {
	t.Helper()
	s := Reserve(t, nil)
	for _, devices := range groups {
		s.shared = append(s.shared, User{devices[0].String(), devices[0].String(), Rights(devices...)})
	}
	s.Up()
	return s
}

// Reserve gives a server that is not started yet, with a port on which nothing listens.
func Reserve(t testing.TB, devices map[contract.DeviceID]string) *Server {
	t.Helper()
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, file: filepath.Join(t.TempDir(), "nats.conf"), port: free.Addr().(*net.TCPAddr).Port, devices: devices}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Down)
	return s
}

// Up starts the server and returns when it listens.
func (s *Server) Up() {
	s.t.Helper()
	s.write()
	options, err := server.ProcessConfigFile(s.file)
	if err != nil {
		s.t.Fatal(err)
	}
	options.NoLog, options.NoSigs = true, true
	if s.server, err = server.NewServer(options); err != nil {
		s.t.Fatal(err)
	}
	s.server.Start()
	if !s.server.ReadyForConnections(10 * time.Second) {
		s.t.Fatal("nats-server does not listen")
	}
}

// Down stops the server and cuts all connections.
func (s *Server) Down() {
	if s.server != nil {
		s.server.Shutdown()
		s.server.WaitForShutdown()
		s.server = nil
	}
}

// Password changes a device's password and reloads the server, which closes the device's connections.
func (s *Server) Password(id contract.DeviceID, password string) {
	s.t.Helper()
	s.devices[id] = password
	if s.server == nil {
		return
	}
	s.write()
	if err := s.server.Reload(); err != nil {
		s.t.Fatal(err)
	}
}

// URL is where clients connect.
func (s *Server) URL() string {
	scheme := "nats"
	if s.secured != nil {
		scheme = "tls"
	}
	return fmt.Sprintf("%s://127.0.0.1:%d", scheme, s.port)
}

// CA is the file with the authority of a server that speaks TLS; empty for one that does not.
func (s *Server) CA() string {
	if s.secured == nil {
		return ""
	}
	return s.secured.file
}

// Fleet connects as the control plane does. The connection ends with the test.
func (s *Server) Fleet() *nats.Conn { return s.connect(FleetUser, FleetUser) }

// Device connects with a device's own rights. The connection ends with the test.
func (s *Server) Device(id contract.DeviceID) *nats.Conn {
	return s.connect(id.String(), s.devices[id])
}

func (s *Server) connect(user, password string) *nats.Conn {
	s.t.Helper()
	options := []nats.Option{
		nats.UserInfo(user, password), nats.MaxReconnects(-1), nats.ReconnectWait(20 * time.Millisecond),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
	if s.secured != nil {
		options = append(options, nats.RootCAs(s.secured.file))
	}
	conn, err := nats.Connect(s.URL(), options...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(conn.Close)
	return conn
}

func (s *Server) write() {
	s.t.Helper()
	c := Config{
		Listen: fmt.Sprintf("127.0.0.1:%d", s.port), Dir: filepath.Dir(s.file), Fleet: []User{{Name: FleetUser, Password: FleetUser}},
		Devices: s.shared,
	}
	for _, id := range slices.SortedFunc(maps.Keys(s.devices), func(a, b contract.DeviceID) int { return strings.Compare(a.String(), b.String()) }) {
		c.Devices = append(c.Devices, User{id.String(), s.devices[id], Rights(id)})
	}
	for _, u := range s.shared {
		c.Subscriptions = max(c.Subscriptions, len(u.Rights.Subscribe))
	}
	if s.secured != nil {
		c.Certificate, c.Key = s.secured.file, s.secured.key
	}
	if err := os.WriteFile(s.file, []byte(c.Text()), 0o600); err != nil {
		s.t.Fatal(err)
	}
}
