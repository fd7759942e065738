// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"nationtech.io/harmony/fleet/e2e/faults/internal/victim"
	"nationtech.io/harmony/topology/kubernetes"
	"nationtech.io/harmony/topology/local"
)

// Registries are those that the nodes of a cluster pull from, each as HOST:PORT on this machine's end of their network.
type Registries struct {
	Open   string // gives everything to everybody
	Locked string // gives nothing to anybody
	Closed string // nobody listens there

	servers []*http.Server
}

// OpenRegistries starts registries for a cluster; localkube is the program's path.
func OpenRegistries(ctx context.Context, place *local.Topology, localkube string) (*Registries, error) {
	r := &Registries{}
	locked := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="faults"`)
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, http.StatusUnauthorized)
	})
	for _, one := range []struct {
		host    *string
		handler http.Handler
	}{{&r.Open, registry.New(registry.Logger(log.New(io.Discard, "", 0)))}, {&r.Locked, locked}, {&r.Closed, nil}} {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(place.Cluster().Gateway, "0"))
		if err != nil {
			r.Close()
			return nil, fmt.Errorf("listen where the nodes can reach it: %w", err)
		}
		*one.host = listener.Addr().String()
		if err := run(ctx, localkube, "image", "trust", *one.host, "--name", place.Cluster().Name); err != nil {
			_ = listener.Close() // the other error tells
			r.Close()
			return nil, err
		}
		if one.handler == nil {
			_ = listener.Close() // nobody listens from here on
			continue
		}
		server := &http.Server{Handler: one.handler, ReadHeaderTimeout: time.Minute}
		r.servers = append(r.servers, server)
		go func() { _ = server.Serve(listener) }() // ends with Close
	}
	return r, nil
}

// Close ends the registries.
func (r *Registries) Close() {
	for _, s := range r.servers {
		_ = s.Close() // what is still being pulled belongs to faults that are over
	}
}

// pushForeign pushes an image that is for no machine of ours.
func pushForeign(ctx context.Context, s *Stage) error {
	ref, err := name.ParseReference(s.Open+"/foreign:1", name.Insecure)
	if err != nil {
		return fmt.Errorf("name the image: %w", err)
	}
	image, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{Architecture: "s390x", OS: "linux", RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		return fmt.Errorf("make the image: %w", err)
	}
	index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{
		Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{Architecture: "s390x", OS: "linux"}},
	})
	if err := remote.WriteIndex(ref, index, remote.WithContext(ctx)); err != nil {
		return fmt.Errorf("push the image: %w", err)
	}
	return nil
}

// pushLate pushes the server's image as late:1.
func pushLate(ctx context.Context, s *Stage) error {
	place, err := kubernetes.Open(ctx, kubernetes.Options{Kubeconfig: s.Place.Cluster().Kubeconfig, Registry: s.Open})
	if err != nil {
		return err
	}
	defer place.Close()
	reference, err := victim.Provide(ctx, place)
	if err != nil {
		return err
	}
	if err := crane.Copy(reference, s.Open+"/late:1", crane.Insecure, crane.WithContext(ctx)); err != nil {
		return fmt.Errorf("push the image: %w", err)
	}
	return nil
}
