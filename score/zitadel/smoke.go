// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

const (
	askEvery = 2 * time.Second
	// mostBytes bounds an answer.
	mostBytes = 1 << 20
)

// SmokeTest asks for the discovery document, as every client does first, and for what it says of its issuer.
func (s Score) SmokeTest(ctx context.Context, on Place) error {
	client := kube.HTTP(on.Kubernetes(), s.Ref().Service())
	err := wait.Until(ctx, "the discovery document", wait.Pace{Every: askEvery}, func(ctx context.Context) (string, bool, error) {
		err := s.Ref().discovered(ctx, client)
		var d *diag.Diagnostic
		if errors.As(err, &d) && (d.Code == diag.WrongAnswer || d.Code == diag.NoService || d.Code == diag.Forbidden) {
			return err.Error(), false, err
		}
		if err != nil {
			return err.Error(), false, nil
		}
		return "", true, nil
	})
	var d *diag.Diagnostic
	switch {
	case err == nil:
		event.Emit(ctx, event.Fact{Text: "it is the issuer " + s.Ref().IssuerURL()})
		return nil
	case errors.As(err, &d) && (d.Code == diag.WrongAnswer || d.Code == diag.Forbidden):
		return err
	}
	return diag.New(diag.NobodyAnswered, "Service/"+s.Name()).Because(err).
		Try("deploy " + s.Name() + " again: it repairs what was deleted or edited")
}

func (r Ref) discovered(ctx context.Context, client *http.Client) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.Host()+"/.well-known/openid-configuration", nil)
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	r.Behind(request)
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask for the discovery document: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostBytes))
	if err != nil {
		return fmt.Errorf("read the discovery document: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return diag.New(diag.NobodyAnswered, "Service/"+r.Name).Saw("it says: " + response.Status)
	}
	var document struct {
		Issuer string `json:"issuer"`
	}
	if err := json.Unmarshal(text, &document); err != nil || document.Issuer != r.IssuerURL() {
		return diag.New(diag.WrongAnswer, "Service/"+r.Name).Because(err).
			Saw(fmt.Sprintf("it calls itself %q and should be %q", document.Issuer, r.IssuerURL())).
			Try("deploy " + r.Name + " again; the domain of a Zitadel that has one is changed in Zitadel")
	}
	return nil
}

// Behind makes a request one that came through what ends TLS: Zitadel makes addresses of what it is told there.
func (r Ref) Behind(request *http.Request) {
	request.Host = r.Host()
	request.Header.Set("X-Forwarded-Proto", r.scheme())
}
