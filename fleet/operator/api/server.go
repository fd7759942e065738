// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/people"
)

const (
	maxRequest  = 4 << 20 // bytes: 16 Deployments of the largest size
	maxHeader   = 64 << 10
	maxRequests = 64 // side by side; beyond, a client is told to come back
	readLimit   = 30 * time.Second
	idleLimit   = 2 * time.Minute
	stopLimit   = 2 * time.Second
)

// A Server answers people while its process leads.
type Server struct {
	// Fleet is the namespace of the fleet, Leader the Pod, and Namespaces those whose Deployments are looked at.
	Fleet, Leader string
	Namespaces    []string
	State         *plane.State
	// Converged tells whether the devices were heard of.
	Converged func() bool
	// Inventory is what a device said of itself. Without whole, what is costly for many devices may be left out.
	Inventory func(ctx context.Context, device string, whole bool) (people.Inventory, error)
	// Services gives the names of the services of the Deployment with that UID.
	Services func(uid string) []string
	// Latest gives the generation of a Deployment's object as the API server has it; 0 when there is none.
	Latest func(ctx context.Context, namespace, name string) (int64, error)
	// Ask gives what sends devices commands.
	Ask func(caller string, request contract.RequestID) command.Client

	Identities *Identities
	Access     Access
	Log        *slog.Logger
}

// Serve answers on a listener, as the certificate, until the context ends.
func (s *Server) Serve(ctx context.Context, on net.Listener, as tls.Certificate) error {
	server := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: readLimit, ReadTimeout: readLimit, IdleTimeout: idleLimit, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
		TLSConfig: &tls.Config{
			MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{as},
			ClientAuth: tls.RequestClientCert, // whose it is, and whether it counts, is looked at for each request
		},
	}
	ended := context.AfterFunc(ctx, func() {
		// The context of every request has ended with it.
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		defer cancel()
		if err := server.Shutdown(limited); err != nil {
			_ = server.Close() // what has not ended by now is cut off
		}
	})
	defer ended()
	if err := server.ServeTLS(on, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("answer people on %s: %w", on.Addr(), err)
	}
	return nil
}

// A handler answers one request of a known person.
type handler func(w http.ResponseWriter, r *http.Request, who Person) error

// Handler answers requests, as many as it may side by side.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	slots := make(chan struct{}, maxRequests)
	for pattern, answer := range map[string]handler{
		"GET " + people.DevicesPath:                             s.devices,
		"GET " + people.DevicesPath + "/{name}":                 s.device,
		"GET " + people.DeploymentsPath:                         s.deployments,
		"GET " + people.DeploymentsPath + "/{namespace}/{name}": s.deployment,
		"POST " + people.PlanPath:                               s.plan,
		"POST " + people.CommandsPath:                           s.commands,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
			default:
				s.problem(w, r, diag.New(diag.OperatorBusy).Saw(fmt.Sprintf("%d requests are being answered", maxRequests)).Try("try again in a moment"))
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
			who, err := s.Identities.Of(r)
			if err == nil {
				err = answer(w, r, who)
			}
			if err != nil {
				s.problem(w, r, err)
			}
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.problem(w, r, diag.New(diag.QuestionRefused).Saw(r.Method+" "+r.URL.Path+" is not known").
			Try("use a harmony-fleet of the operator's release"))
	})
	return mux
}

func (s *Server) source() people.Source {
	return people.Source{Fleet: s.Fleet, Leader: s.Leader, Converged: s.Converged()}
}
