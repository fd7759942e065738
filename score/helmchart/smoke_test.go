// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/score/helmchart"
	"nationtech.io/harmony/secret"
)

// reached is a place whose Services are all one socket.
type reached struct {
	paper
	address string
	asked   *[]kube.Service
}

func (r reached) Kubernetes() kube.Cluster { return socket{r.Cluster(nil), r} }

type socket struct {
	kube.Cluster
	reached
}

func (s socket) Dial(ctx context.Context, to kube.Service) (net.Conn, error) {
	*s.asked = append(*s.asked, to)
	if s.address == "" {
		return nil, diag.New(diag.NoService, "Service/"+to.Name)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
}

func (r reached) Charts() chart.Store { return r.paper.Charts() }

func place(address string) reached {
	return reached{paper{kube.NewExport(func(kube.Credential) secret.Value { return secret.Value{} })}, address, &[]kube.Service{}}
}

func TestWithoutAProofEachPortOfTheServicesMustTakeAConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	on := place(listener.Addr().String())
	if err := example(map[string]any{}).SmokeTest(t.Context(), on); err != nil {
		t.Error(err)
	}
	if want := []kube.Service{{Namespace: "demo", Name: "web", Port: 4222}}; !slices.Equal(*on.asked, want) {
		t.Errorf("asked %v, want %v", *on.asked, want)
	}
	if err := example(map[string]any{}).SmokeTest(t.Context(), place("")); err == nil || !strings.Contains(err.Error(), string(diag.NobodyAnswered)) {
		t.Errorf("a Service that is not there passes: %v", err)
	}
}

func TestAChartWithoutServicesNeedsAProof(t *testing.T) {
	s := small(t, stored(t, "one"))
	if err := s.SmokeTest(t.Context(), place("")); err == nil || !strings.Contains(err.Error(), string(diag.BadPlacement)) {
		t.Errorf("got %v", err)
	}
	s.Proof = func(context.Context, helmchart.Place) error { return nil }
	if err := s.SmokeTest(t.Context(), place("")); err != nil {
		t.Error(err)
	}
}
