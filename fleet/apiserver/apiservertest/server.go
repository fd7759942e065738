// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package apiservertest speaks the protocol of the API server for one fleet, on a socket of loopback: its FleetState can be
// read, and its Devices listed and watched. It is for tests of what only asks; what Kubernetes itself decides, such as rights
// and defaults, is not here.
package apiservertest

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
)

// Namespace is that of the fleet.
const Namespace = "fleet"

// Server is one API server.
type Server struct {
	// Kubeconfig is a file that leads there.
	Kubeconfig string

	t       testing.TB
	address string
	http    *httptest.Server
	mu      sync.Mutex
	changed *sync.Cond
	plane   string // empty while there is no FleetState
	devices map[string]fleet.Device
	events  []event // the version of each is its place, from 1
}

type event struct {
	kind   string
	device fleet.Device
}

// Start starts a server without a FleetState and without Devices. It ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, address: "127.0.0.1:0", devices: map[string]fleet.Device{}, Kubeconfig: filepath.Join(t.TempDir(), "kubeconfig")}
	s.changed = sync.NewCond(&s.mu)
	s.Up()
	t.Cleanup(s.Down)
	text := fmt.Sprintf("apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'http://%s'}}]\n"+
		"contexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\ncurrent-context: c\n", s.address)
	if err := os.WriteFile(s.Kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// Up starts it again after Down, with what it had.
func (s *Server) Up() {
	s.t.Helper()
	l, err := new(net.ListenConfig).Listen(s.t.Context(), "tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.address = l.Addr().String()
	s.http = httptest.NewUnstartedServer(s.handler())
	if err := s.http.Listener.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.http.Listener = l
	s.http.Start()
}

// Down ends it, and breaks all connections.
func (s *Server) Down() {
	s.http.CloseClientConnections()
	s.http.Close()
}

// Fleet makes the FleetState anew, with that control plane.
func (s *Server) Fleet(plane contract.PlaneID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plane = plane.String()
}

// Device makes a Device of the fleet, or changes it.
func (s *Server) Device(name string, access fleet.Access) { s.DeviceOf(Namespace, name, access) }

// DeviceOf makes a Device of any fleet, or changes it.
func (s *Server) DeviceOf(of, name string, access fleet.Access) {
	s.set(name, func(d *fleet.Device) { d.Spec = fleet.DeviceSpec{Fleet: of, Access: access} })
}

// Annotate gives a Device of the fleet an annotation.
func (s *Server) Annotate(name, annotation, value string) {
	s.set(name, func(d *fleet.Device) { d.Annotations = map[string]string{annotation: value} })
}

func (s *Server) set(name string, change func(*fleet.Device)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, has := s.devices[name]
	kind := "MODIFIED"
	if !has {
		kind = "ADDED"
		d = fleet.Device{
			TypeMeta:   metav1.TypeMeta{APIVersion: fleet.GroupVersion.String(), Kind: "Device"},
			ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(contract.NewPlaneID().String())},
		}
	}
	change(&d)
	d.ResourceVersion = fmt.Sprint(len(s.events) + 1)
	s.devices[name] = d
	s.tell(event{kind, d})
}

// Drop deletes a Device.
func (s *Server) Drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[name]
	delete(s.devices, name)
	d.ResourceVersion = fmt.Sprint(len(s.events) + 1)
	s.tell(event{"DELETED", d})
}

func (s *Server) tell(e event) {
	s.events = append(s.events, e)
	s.changed.Broadcast()
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	at := "GET /apis/" + fleet.GroupVersion.String()
	mux.HandleFunc(at+"/namespaces/"+Namespace+"/fleetstates/"+fleet.FleetStateName, s.serveFleet)
	mux.HandleFunc(at+"/devices", s.serveDevices)
	return mux
}
