// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/api"
)

// A door is where the leader answers people. Its certificate is known from the FleetState, which only an operator writes.
type door struct {
	listener    net.Listener
	certificate tls.Certificate
	text        string // of the certificate, in PEM
}

// open opens a door on an address; there is none when that is empty.
func open(ctx context.Context, address string) (*door, error) {
	if address == "" {
		return nil, nil
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for people: %w", err)
	}
	d := &door{listener: listener}
	if d.certificate, d.text, err = api.NewCertificate(time.Now()); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *door) close() {
	if d != nil {
		_ = d.listener.Close() // it is closed already after a good end
	}
}

// known is what people are told of it.
func (d *door) known() *fleet.FleetAPI {
	if d == nil {
		return nil
	}
	to := &fleet.FleetAPI{Certificate: d.text}
	if address, ok := d.listener.Addr().(*net.TCPAddr); ok {
		to.Port = int32(address.Port)
	}
	return to
}

// welcome answers people until the context ends.
func (r *reign) welcome(ctx context.Context) error {
	if r.api == nil {
		return nil
	}
	s := &api.Server{
		Fleet: r.Namespace, Leader: r.Identity, Namespaces: r.Namespaces, State: r.state, Converged: r.converged.Load,
		Inventory: r.inventory, Services: r.contents.services, Latest: r.latest,
		Ask: func(caller string, request contract.RequestID) command.Client {
			return r.bus.Ask(r.plane, caller, request)
		},
		Identities: &api.Identities{Reader: r.reader, Client: r.client}, Access: api.Access{Client: r.client}, Log: r.log,
	}
	return s.Serve(ctx, r.api.listener, r.api.certificate)
}

// latest asks the API server: what is watched may be behind what a person has just applied.
func (r *reign) latest(ctx context.Context, namespace, name string) (int64, error) {
	var p fleet.Deployment
	err := r.reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &p)
	if client.IgnoreNotFound(err) != nil {
		return 0, fmt.Errorf("read Deployment %s/%s: %w", namespace, name, err)
	}
	return p.Generation, nil
}
