// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/secret"
)

// Service is an issuer that listens.
type Service struct {
	// Config is for an Issuer; its Plane is that of Fleet.
	Config
	// Fleet is asked for the control plane that tokens are for.
	Fleet Fleet
	// Registry is the file of the registry; it is made if there is none.
	Registry string
	// Listen is host:port for people and machines; AdminListen is that for administrators.
	Listen, AdminListen string
	// Machines is a file with the machines that are declared, as registry.ParseDeclarations reads it; none when empty. It is read
	// at the start.
	Machines string
	// AdminToken is what administrators show.
	AdminToken secret.Value
	// Certificate is for both listeners. Without one they speak plain HTTP, and administrators are heard on loopback alone. On
	// loopback they are heard without TLS in any case: who is there comes through a port-forward, which has its own.
	Certificate Certificate
}

// Fleet knows which control plane a fleet has.
type Fleet interface {
	// Plane waits until it is known. Its error is that the context has ended.
	Plane(ctx context.Context) (contract.PlaneID, error)
	// Follow watches over it until the context ends. Its error is that the fleet has another one.
	Follow(ctx context.Context, plane contract.PlaneID) error
}

const (
	headerLimit = 5 * time.Second
	readLimit   = 10 * time.Second
	writeLimit  = 2 * time.Minute // a backup may be large
	idleLimit   = time.Minute
	stopLimit   = 5 * time.Second
)

// maxHeader is how many bytes the address and the headers of a request may have. A token for administrators has 64, and a
// program asks for a sign-in with less than one KiB.
const maxHeader = 16 << 10

// Serve runs until the context ends, or until a backup was restored, which is the registry of the next start. Its error is a
// Diagnostic: with the code IssuerUnusable, or RegistryUnusable.
func (s Service) Serve(ctx context.Context) (err error) {
	if s.AdminToken.IsZero() {
		return diag.New(diag.IssuerUnusable, "admin-token-file").Saw("it is empty")
	}
	if err := s.named(); err != nil {
		return err
	}
	secured, err := s.Certificate.config()
	if err != nil {
		return diag.New(diag.IssuerUnusable, "tls-cert").Because(err)
	}
	kept, err := s.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	if err := s.declare(kept); err != nil {
		return err
	}
	public, err := listen(ctx, s.Listen, secured)
	if err != nil {
		return diag.New(diag.IssuerUnusable, "listen").Because(err)
	}
	administrators, err := s.listenForAdministrators(ctx, secured)
	if err != nil {
		return errors.Join(err, public.Close())
	}
	s.Log.Info("issuer listens", "issuer", s.URL, "address", public.Addr().String(), "administrators", administrators.Addr().String())
	group, ctx := errgroup.WithContext(ctx)
	people, admins := new(gate), new(gate)
	group.Go(func() error { return serve(ctx, public, people) })
	group.Go(func() error { return serve(ctx, administrators, admins) })
	group.Go(func() error { return s.know(ctx, group, kept, people, admins) })
	if err := group.Wait(); !errors.Is(err, errRestored) {
		return err
	}
	s.Log.Info("a backup was restored: it counts from the next start")
	return nil
}

// open opens the registry, which may be one that was restored.
func (s Service) open() (*registry.Registry, error) {
	restored, err := registry.TakeOver(s.Registry)
	if err != nil {
		return nil, err
	}
	if restored {
		s.Log.Info("the registry is that of a backup", "registry", s.Registry)
	}
	return registry.Open(s.Registry)
}

// know waits for the control plane, and lets people and administrators in.
func (s Service) know(ctx context.Context, group *errgroup.Group, kept *registry.Registry, people, admins *gate) error {
	plane, err := s.Fleet.Plane(ctx)
	if err != nil {
		return nil //nolint:nilerr // it was told to stop
	}
	s.Plane = plane
	i, err := New(s.Config, kept)
	if err != nil {
		return err
	}
	people.open(i.Handler())
	admins.open(i.Administration(s.AdminToken))
	s.Log.Info("issuer gives tokens", "plane", plane.String())
	group.Go(func() error { return s.Fleet.Follow(ctx, plane) })
	group.Go(func() error {
		select {
		case <-i.restored:
			return errRestored
		case <-ctx.Done():
			return nil
		}
	})
	return i.Run(ctx)
}

func (s Service) declare(in *registry.Registry) error {
	if s.Machines == "" {
		return nil
	}
	text, err := os.ReadFile(s.Machines)
	if err != nil {
		return diag.New(diag.IssuerUnusable, "machines").Because(err)
	}
	list, err := registry.ParseDeclarations(text)
	if err != nil {
		return err
	}
	return in.Declare(list, time.Now())
}

func (s Service) listenForAdministrators(ctx context.Context, secured *tls.Config) (net.Listener, error) {
	l, err := listen(ctx, s.AdminListen, nil)
	if err != nil {
		return nil, diag.New(diag.IssuerUnusable, "admin-listen").Because(err)
	}
	at, ok := l.Addr().(*net.TCPAddr)
	switch {
	case ok && at.IP.IsLoopback():
		return l, nil
	case secured == nil:
		return nil, errors.Join(
			diag.New(diag.IssuerUnusable, "admin-listen").Saw(l.Addr().String()+" can be reached from elsewhere, and there is no TLS"), l.Close())
	}
	return tls.NewListener(l, secured), nil
}

func listen(ctx context.Context, address string, secured *tls.Config) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if secured != nil {
		return tls.NewListener(l, secured), nil
	}
	return l, nil
}

func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerLimit, ReadTimeout: readLimit, WriteTimeout: writeLimit, IdleTimeout: idleLimit,
		MaxHeaderBytes: maxHeader,
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		defer cancel()
		stopped <- server.Shutdown(limited)
	})
	err := server.Serve(l)
	if !errors.Is(err, http.ErrServerClosed) {
		stop()
		return fmt.Errorf("serve: %w", err)
	}
	return <-stopped
}
