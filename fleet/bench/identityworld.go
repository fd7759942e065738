// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/nats-io/nkeys"
	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/wait"
)

// An identityWorld is an issuer, a NATS and a callout, each a process of this machine, and devices that the issuer knows.
type identityWorld struct {
	identityOptions
	kubernetes
	dir           string
	issuer        string // its URL
	natsPort      int
	metrics       string // the callout's URL
	secured       bool
	accounts      int // how often the accounts have changed
	authority     *natstest.Authority
	issuing       *process
	nats, calling *process
	signing       natstest.Callout
	devices       []*identity
	http          *http.Client
	callouts      map[bool]float64 // connections that a callout lets in each second, by whether that is over TLS; as far as they were measured
}

const (
	// plainUsers are how many users with a password there are.
	plainUsers = 100
	calloutFor = "callout"
)

func (w *identityWorld) file(name string) string { return filepath.Join(w.dir, name) }

// open builds the programs, and makes keys, certificates and devices.
func (w *identityWorld) open(ctx context.Context) error {
	w.http = &http.Client{Timeout: upLimit, Transport: &http.Transport{MaxIdleConnsPerHost: mintAtOnce}}
	for program, source := range map[string]string{
		"nats-server": "github.com/nats-io/nats-server/v2", "issuer": "./cmd/harmony-fleet-issuer", "callout": "./cmd/harmony-fleet-callout",
	} {
		if _, err := command(ctx, "go", "build", "-o", w.file(program), source); err != nil {
			return err
		}
	}
	var seeds string
	for of, create := range map[*string]func() (nkeys.KeyPair, error){&w.signing.Signing: nkeys.CreateAccount, &w.signing.Sealing: nkeys.CreateCurveKeys} {
		pair, err := create()
		if err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
		seed, err := pair.Seed()
		if err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
		if *of, err = pair.PublicKey(); err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
		seeds += string(seed) + "\n"
	}
	for name, text := range map[string]string{"seeds": seeds, "password": password, "admin": password} {
		if err := os.WriteFile(w.file(name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	var err error
	if w.authority, err = natstest.NewAuthority(w.file("ca.pem")); err != nil {
		return err
	}
	if err := w.certify(); err != nil {
		return err
	}
	return w.register(ctx)
}

// certify writes a new certificate for NATS.
func (w *identityWorld) certify() error {
	return w.authority.Issue(w.file("server.pem"), w.file("server.key"))
}

// register writes the devices into the registry that the issuer will open, and enrols them with the API server.
func (w *identityWorld) register(ctx context.Context) error {
	kept, err := registry.Open(w.file("registry"))
	if err != nil {
		return err
	}
	w.devices = make([]*identity, w.identityOptions.devices)
	enrolling, group := errgroup.WithContext(ctx)
	enrolling.SetLimit(200) // those that come together share a write to the disk
	for n := range w.devices {
		enrolling.Go(func() error {
			id, err := contract.ParseDeviceID(fmt.Sprintf("bench-%d", n))
			if err != nil || group.Err() != nil {
				return errors.Join(err, context.Cause(group))
			}
			key, _, err := assertion.New()
			if err != nil {
				return err
			}
			public, err := registry.ParseKey(key.Public())
			if err != nil {
				return err
			}
			w.devices[n] = &identity{id: id, key: key}
			_, err = kept.Enrol(id.String(), []contract.Role{contract.RoleDevice}, &public, time.Now())
			return err
		})
	}
	if err := errors.Join(enrolling.Wait(), kept.Close()); err != nil {
		return err
	}
	var ids []contract.DeviceID
	for _, d := range w.devices {
		ids = append(ids, d.id)
	}
	return w.enrol(ctx, ids)
}

func (w *identityWorld) answers(ctx context.Context, who, address string) error {
	return wait.Until(ctx, who, wait.Pace{Limit: upLimit}, func(ctx context.Context) (string, bool, error) {
		_, err := w.get(ctx, address)
		return fmt.Sprint(err), err == nil, nil
	})
}

func (w *identityWorld) get(ctx context.Context, address string) ([]byte, error) {
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	return w.read(asked)
}

func (w *identityWorld) read(asked *http.Request) ([]byte, error) {
	answer, err := w.http.Do(asked)
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	data, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s: %s: %w", asked.URL, answer.Status, data, os.ErrInvalid)
	}
	return data, err
}

func (w *identityWorld) close() error { return errors.Join(w.unserve(), w.issuing.stop()) }

var asked = regexp.MustCompile(`(?m)^harmony_callout_(?:verdicts|dropped)_total\{.*\} (\S+)$`)

// requests are the questions that came to the callout, whether it answered them or not.
func (w *identityWorld) requests(ctx context.Context) (n float64, err error) {
	text, err := w.get(ctx, "http://"+w.metrics+"/metrics")
	if err != nil {
		return 0, err
	}
	for _, m := range asked.FindAllSubmatch(text, -1) {
		one, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			return 0, fmt.Errorf("read the callout's count: %w", err)
		}
		n += one
	}
	return n, nil
}
