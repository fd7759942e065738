// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package natstest starts a real nats-server with the accounts and rights of a
// fleet, on a real socket of loopback, for tests of what speaks to it.
package natstest

import (
	"fmt"
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
	var accounts strings.Builder
	for _, a := range contract.Accounts() {
		fmt.Fprintf(&accounts, "  %s: {\n", a.Name)
		if a.JetStream {
			accounts.WriteString("    jetstream: enabled\n")
		}
		if a.MaxPayload != 0 {
			fmt.Fprintf(&accounts, "    limits: { max_payload: %d, max_subs: %d }\n", a.MaxPayload, a.MaxSubscriptions)
		}
		fmt.Fprintf(&accounts, "    users: [\n%s    ]\n    exports: [\n", s.users(a.Name))
		for _, subject := range a.Exports {
			fmt.Fprintf(&accounts, "      { stream: %q }\n", subject)
		}
		accounts.WriteString("    ]\n    imports: [\n")
		for _, i := range a.Imports {
			fmt.Fprintf(&accounts, "      { stream: { account: %s, subject: %q } }\n", i.From, i.Subject)
		}
		accounts.WriteString("    ]\n  }\n")
	}
	config := fmt.Sprintf("listen: 127.0.0.1:%d\njetstream { store_dir: %q }\naccounts {\n%s}\n", s.port, filepath.Dir(s.file), &accounts)
	if s.secured != nil {
		config += fmt.Sprintf("tls { cert_file: %q, key_file: %q }\n", s.secured.file, s.secured.key)
	}
	if err := os.WriteFile(s.file, []byte(config), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *Server) users(account contract.AccountName) string {
	if account == contract.AccountFleet {
		return fmt.Sprintf("      { user: %s, password: %s }\n", FleetUser, FleetUser)
	}
	var users []string
	for id, password := range s.devices {
		rights := contract.DeviceRights(id)
		users = append(users, fmt.Sprintf("      { user: %q, password: %q, permissions: { publish: { allow: [%s] }, subscribe: { allow: [%s] } } }\n",
			id, password, quoted(rights.Publish), quoted(rights.Subscribe)))
	}
	slices.Sort(users)
	return strings.Join(users, "")
}

func quoted(subjects []string) string { return `"` + strings.Join(subjects, `", "`) + `"` }
