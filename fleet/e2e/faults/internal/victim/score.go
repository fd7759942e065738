// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package victim is a Score that can be wrong in one way at a time: a web server, a Service, and what they need.
package victim

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

// Place is what the server needs: objects applied and reached, and an image that its Pod can run.
type Place interface {
	kube.Place
	image.Place
}

// Score is a web server that says "alive". Every field but the first two has a useful zero value.
type Score struct {
	Namespace string
	Label     string // its name; "victim" when empty

	Image      string            // instead of its own
	Command    []string          // instead of that of its image
	Args       []string          // "serve" when empty
	MemoryMax  string            // its memory limit; 64Mi when empty
	CPU        string            // that it asks for; 5m when empty
	Memory     string            // that it asks for; 16Mi when empty
	ReadyPort  int32             // of its readiness probe; its own port when zero
	ReadyPath  string            // of its readiness probe; "/" when empty
	Unprobed   bool              // it has no readiness probe
	AlivePort  int32             // of a liveness probe; without one when zero
	SecretName string            // of which it takes the variable TOKEN
	SecretKey  string            // "token" when empty
	ConfigName string            // of a ConfigMap that is mounted at /etc/victim
	Driver     string            // of a CSI volume
	Class      string            // of the StorageClass of a claim of its own
	Nodes      map[string]string // the labels that its node must have
	Apart      bool              // it must be apart from itself, and has two replicas
	HostPort   int32             // that it takes of its node
	Account    string            // the ServiceAccount of its Pods
	Privileged bool              // it asks for all rights
	Selector   string            // the label that its Deployment selects by; its name when empty
	Behind     string            // the label that its Service selects by; as its Deployment when empty
	Target     int32             // the port that its Service leads to; its own when zero
	Kind       string            // of an object of a group that does not exist
	Definition string            // the group of a definition whose names are taken
	Says       string            // what its smoke test expects; "alive" when empty
	Patience   time.Duration     // of its smoke test; 5 s when zero
}

const (
	port     = 8080
	facade   = 80
	patience = 5 * time.Second
)

var serverImage = image.Image{Name: "victim", Package: "nationtech.io/harmony/fleet/e2e/faults/internal/victim/server"}

var (
	_ harmony.Score[Place]   = Score{}
	_ harmony.Remover[Place] = Score{}
)

// Name is the label.
func (s Score) Name() string { return orElse(s.Label, "victim") }

// Interpret makes the server stand and returns when it is ready.
func (s Score) Interpret(ctx context.Context, on Place) (harmony.Outcome, error) {
	reference := s.Image
	if reference == "" {
		var err error
		if reference, err = Provide(ctx, on); err != nil {
			return harmony.Outcome{}, err
		}
	}
	return on.Kubernetes().Apply(ctx, s.inventory(), s.Objects(reference)...)
}

// Provide makes the server's image be there and gives its reference.
func Provide(ctx context.Context, on image.Place) (string, error) {
	return on.Images().Provide(ctx, serverImage)
}

// SmokeTest asks the Service for its page.
func (s Score) SmokeTest(ctx context.Context, on Place) error {
	limit := s.Patience
	if limit == 0 {
		limit = patience
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	service := "Service/" + s.Name()
	text, err := s.page(ctx, on)
	if err != nil {
		return kube.Unanswered(err, service)
	}
	if want := orElse(s.Says, "alive"); text != want {
		return diag.New(diag.WrongAnswer, service).Saw(fmt.Sprintf("it says %q and should say %q", text, want))
	}
	return nil
}

func (s Score) page(ctx context.Context, on Place) (string, error) {
	client := kube.HTTP(on.Kubernetes(), kube.Service{Namespace: s.Namespace, Name: s.Name(), Port: facade})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://victim/", nil)
	if err != nil {
		return "", fmt.Errorf("make the request: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		return "", fmt.Errorf("ask for the page: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil {
		return "", fmt.Errorf("read the page: %w", err)
	}
	return string(text), nil
}

// Remove takes everything of it away.
func (s Score) Remove(ctx context.Context, on Place, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), how)
}

func (s Score) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
