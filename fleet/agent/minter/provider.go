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

	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/secret"
)

const (
	askLimit  = 10 * time.Second
	maxAnswer = 256 << 10 // bytes
	// tolerated is by how much the clock may be wrong before an assertion is made anew. The Date of an answer has whole
	// seconds, and is as old as the way back.
	tolerated = 2 * time.Second
)

var errElsewhere = errors.New("an identity provider does not send a device elsewhere")

// Provider is an identity provider as a device speaks with it. It is safe for concurrent use.
type Provider struct {
	// Issuer is its name, and where it is reached: https, or http where the network is trusted.
	Issuer string
	// CAFile is a PEM file with the authorities of its certificate; empty for those of the system.
	CAFile string
	// Clock is what it goes by, and sets right; one of its own when nil.
	Clock *clock.Clock

	once sync.Once
}

// time is the clock that it goes by.
func (p *Provider) time() *clock.Clock {
	p.once.Do(func() {
		if p.Clock == nil {
			p.Clock = clock.New(clock.Machine{}, clock.Built())
		}
	})
	return p.Clock
}

// asking asks, and holds certificates against the time that ask is given. It asks once more where the provider refuses because
// of a clock that is wrong, by the provider's own; and where the clock is before the time of the provider's certificate, as if
// that time had come.
func (p *Provider) asking(ctx context.Context, ask func(ctx context.Context, sure func() time.Time) error) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	before, sure, start := p.time().Now(), p.time().Sure, time.Now()
	err := ask(ctx, sure)
	if from, early := tooEarly(err, sure()); early {
		err = ask(ctx, func() time.Time { return from })
	}
	var refused *RefusedError
	if moved := p.time().Now().Sub(before) - time.Since(start); errors.As(err, &refused) && moved.Abs() > tolerated {
		err = ask(ctx, sure)
	}
	return err
}

// tooEarly tells from when on a certificate is good that is not good yet. A clock that nobody has set right only says what
// time has passed already; whether the certificate is that of the provider is looked at, then, as always.
func tooEarly(err error, now time.Time) (time.Time, bool) {
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) || invalid.Reason != x509.Expired || !now.Before(invalid.Cert.NotBefore) {
		return time.Time{}, false
	}
	return invalid.Cert.NotBefore, true
}

// Post sends JSON to a path of the provider, and gives the answer. message is called for each attempt with the time by the
// provider's clock. A bearer that is not zero is shown. Its error is a *RefusedError where the provider has answered.
func (p *Provider) Post(ctx context.Context, path string, bearer secret.Value, message func(now time.Time) ([]byte, error)) (answer []byte, err error) {
	return answer, p.asking(ctx, func(ctx context.Context, sure func() time.Time) error {
		client, err := p.client(sure)
		if err != nil {
			return err
		}
		defer client.CloseIdleConnections()
		said, err := message(p.time().Now())
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

// client trusts the authorities that it is told to.
func (p *Provider) client(sure func() time.Time) (*http.Client, error) {
	trusted := &tls.Config{MinVersion: tls.VersionTLS12, Time: sure}
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
		p.time().Told(at, answer.TLS)
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
