// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
)

// identity is a device, its key, and tokens that were minted ahead.
type identity struct {
	id  contract.DeviceID
	key assertion.Key

	mu     sync.Mutex
	tokens []string
}

// token gives one that was not given before, or the last one there is.
func (i *identity) token() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.tokens) == 0 {
		return ""
	}
	next := i.tokens[0]
	if len(i.tokens) > 1 {
		i.tokens = i.tokens[1:]
	}
	return next
}

// mintAtOnce is how many tokens are asked for side by side.
const mintAtOnce = 32

// issue starts an issuer in place of the one that runs, if one does.
func (w *identityWorld) issue(ctx context.Context, lifetime time.Duration) error {
	if err := w.issuing.stop(); err != nil {
		return err
	}
	ports, err := freePorts(ctx, 4)
	if err != nil {
		return err
	}
	w.issuer, w.natsPort, w.metrics = fmt.Sprintf("http://127.0.0.1:%d", ports[0]), ports[2], fmt.Sprintf("127.0.0.1:%d", ports[3])
	w.issuing, err = start(ctx, w.file("issuer.log"), w.file("issuer"), "serve", "--url", w.issuer, "--kubeconfig", w.kubeconfig, "--namespace", namespace, "--registry", w.file("registry"),
		"--admin-token-file", w.file("admin"), "--listen", strings.TrimPrefix(w.issuer, "http://"), "--admin-listen", fmt.Sprintf("127.0.0.1:%d", ports[1]),
		"--token-lifetime", lifetime.String())
	if err != nil {
		return err
	}
	return w.answers(ctx, "the issuer", w.issuer+"/readyz")
}

// mint takes a token for each of the devices, and gives how many there were in a second.
func (w *identityWorld) mint(ctx context.Context, devices []*identity) (rate float64, err error) {
	start := time.Now()
	minting, ctx := errgroup.WithContext(ctx)
	minting.SetLimit(mintAtOnce)
	for _, d := range devices {
		minting.Go(func() error {
			if ctx.Err() != nil {
				return fmt.Errorf("mint: %w", context.Cause(ctx))
			}
			token, err := w.minted(ctx, d)
			if err != nil {
				return err
			}
			d.mu.Lock()
			d.tokens = append(d.tokens, token)
			d.mu.Unlock()
			return nil
		})
	}
	err = minting.Wait()
	return float64(len(devices)) / time.Since(start).Seconds(), err
}

// minted is a new token of a device.
func (w *identityWorld) minted(ctx context.Context, d *identity) (string, error) {
	said, err := d.key.Sign(d.id.String(), w.issuer, time.Now())
	if err != nil {
		return "", err
	}
	form := url.Values{"grant_type": {assertion.GrantType}, "assertion": {said}}
	asked, err := http.NewRequestWithContext(ctx, http.MethodPost, w.issuer+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("ask for a token: %w", err)
	}
	asked.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	data, err := w.read(asked)
	if err != nil {
		return "", err
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return "", fmt.Errorf("read a token: %w", err)
	}
	return answer.Token, nil
}
