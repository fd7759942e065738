// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package hello is a Score to be held to the contract, and to be spoiled: a web server that says one thing.
package hello

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// Place is what the server needs: objects applied and reached, and an image that its Pod can run.
type Place interface {
	kube.Place
	image.Place
}

// Score is a web server that answers every request with Text.
type Score struct {
	Namespace string
	Text      string
}

// serverImage is built from the package beside this one.
var serverImage = image.Image{Name: "hello", Package: "nationtech.io/harmony/scoretest/internal/hello/server"}

var (
	_ harmony.Score[Place]   = Score{}
	_ harmony.Remover[Place] = Score{}
)

// Name is "hello".
func (Score) Name() string { return "hello" }

// Interpret makes the server stand and returns when it is ready.
func (s Score) Interpret(ctx context.Context, on Place) (harmony.Outcome, error) {
	reference, err := on.Images().Provide(ctx, serverImage)
	if err != nil {
		return harmony.Outcome{}, err
	}
	return on.Kubernetes().Apply(ctx, s.inventory(), s.objects(reference)...)
}

// staleness is how long a Pod may say what its ConfigMap said before: the kubelet looks at the maps of a Pod about
// once a minute (its sync period, 1 min by default, with jitter of half of it).
const staleness = 2 * time.Minute

// SmokeTest asks the Service for the page and compares it with the text, again for as long as a Pod may not have
// seen that its ConfigMap was repaired.
func (s Score) SmokeTest(ctx context.Context, on Place) error {
	var got string
	err := wait.Until(ctx, "the page to say its text", wait.Pace{Every: time.Second, Limit: staleness}, func(ctx context.Context) (string, bool, error) {
		var err error
		got, err = s.page(ctx, on)
		return fmt.Sprintf("it says %q", got), got == s.Text, err
	})
	if _, wrong := errors.AsType[*wait.GaveUp](err); wrong {
		return diag.New(diag.WrongAnswer, "Service/"+s.Name()).Because(err).
			Saw(fmt.Sprintf("it says %q and should say %q", got, s.Text)).
			Try("deploy " + s.Name() + " again: it repairs what was edited")
	}
	if err != nil {
		return diag.New(diag.NobodyAnswered, "Service/"+s.Name()).Because(err)
	}
	event.Emit(ctx, event.Fact{Text: fmt.Sprintf("it says %q", got)})
	return nil
}

func (s Score) page(ctx context.Context, on Place) (string, error) {
	conn, err := on.Kubernetes().Dial(ctx, kube.Service{Namespace: s.Namespace, Name: s.Name(), Port: port})
	if err != nil {
		return "", err
	}
	defer conn.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://hello/", nil)
	if err != nil {
		return "", fmt.Errorf("make the request: %w", err)
	}
	if err := request.Write(conn); err != nil {
		return "", fmt.Errorf("ask for the page: %w", err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), request)
	if err != nil {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return "", fmt.Errorf("read the page: %w", err)
	}
	return string(text), nil
}

// Remove takes everything of it away: there is no data.
func (s Score) Remove(ctx context.Context, on Place, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), how)
}

func (s Score) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}
