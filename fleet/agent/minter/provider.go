// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package minter

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"nationtech.io/harmony/secret"
)

const (
	askLimit  = 10 * time.Second
	maxAnswer = 256 << 10 // bytes
	// tolerated is by how much the clock may be wrong before an assertion is made anew. The Date of an answer has whole
	// seconds, and is as old as the way back.
	tolerated = 3 * time.Second
)

var errElsewhere = errors.New("an identity provider does not send a device elsewhere")

// Provider is an identity provider as a device speaks with it. It is safe for concurrent use.
type Provider struct {
	// Issuer is its name, and where it is reached: https, or http where the network is trusted.
	Issuer string
	// CAFile is a PEM file with the authorities of its certificate; empty for those of the system.
	CAFile string

	mu    sync.Mutex
	ahead time.Duration // of the provider's clock, as its last answer said
}

// asking asks, and asks once more where the provider refuses because of a clock that is wrong, by the provider's own.
func (p *Provider) asking(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	before := p.behind()
	err := ask(ctx)
	var refused *RefusedError
	if errors.As(err, &refused) && (p.behind()-before).Abs() > tolerated {
		err = ask(ctx)
	}
	return err
}

// behind is how far the clock of this device is behind that of the provider.
func (p *Provider) behind() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ahead
}

func (p *Provider) now() time.Time { return time.Now().Add(p.behind()) }

// Post sends JSON to a path of the provider, and gives the answer. message is called for each attempt with the time by the
// provider's clock. A bearer that is not zero is shown. Its error is a *RefusedError where the provider has answered.
func (p *Provider) Post(ctx context.Context, path string, bearer secret.Value, message func(now time.Time) ([]byte, error)) (answer []byte, err error) {
	return answer, p.asking(ctx, func(ctx context.Context) error {
		client, err := p.client()
		if err != nil {
			return err
		}
		defer client.CloseIdleConnections()
		said, err := message(p.now())
		if err != nil {
			return err
		}
		asked, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Issuer+path, bytes.NewReader(said))
		if err != nil {
			return fmt.Errorf("ask the provider: %w", err)
		}
		asked.Header.Set("Content-Type", "application/json")
		if !bearer.IsZero() {
			asked.Header.Set("Authorization", "Bearer "+bearer.Reveal())
		}
		answer, err = p.read(client, asked)
		return err
	})
}

// client trusts the authorities that it is told to, at the time that the provider says it is.
func (p *Provider) client() (*http.Client, error) {
	trusted := &tls.Config{MinVersion: tls.VersionTLS12, Time: p.now}
	if p.CAFile != "" {
		text, err := os.ReadFile(p.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read the authorities of the provider: %w", err)
		}
		trusted.RootCAs = x509.NewCertPool()
		trusted.RootCAs.AppendCertsFromPEM(text)
	}
	return &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: trusted},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errElsewhere },
	}, nil
}

// ask reads an answer of JSON.
func (p *Provider) ask(client *http.Client, asked *http.Request, into any) error {
	data, err := p.read(client, asked)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("read the provider's answer: %w", err)
	}
	return nil
}

// read reads an answer, and the provider's clock, which a refusal tells too.
func (p *Provider) read(client *http.Client, asked *http.Request) ([]byte, error) {
	answer, err := client.Do(asked)
	if err != nil {
		return nil, fmt.Errorf("ask the provider: %w", err)
	}
	defer answer.Body.Close()
	if at, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		p.mu.Lock()
		p.ahead = time.Until(at)
		p.mu.Unlock()
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the provider's answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, refusal(answer, data)
	}
	return data, nil
}

// RefusedError is what a provider says when it does not do what it is asked.
type RefusedError struct {
	Why string
	// Status is that of the answer; 0 when the answer itself is no use.
	Status int
}

func (e *RefusedError) Error() string { return e.Why }

func refusal(answer *http.Response, data []byte) error {
	var said struct {
		Error string `json:"error"`
		Why   string `json:"error_description"`
	}
	if err := json.Unmarshal(data, &said); err != nil || said.Error == "" {
		return &RefusedError{"it answers " + answer.Status, answer.StatusCode}
	}
	text := said.Error
	if said.Why != "" {
		text += ": " + said.Why
	}
	return &RefusedError{text[:min(len(text), 300)], answer.StatusCode}
}
