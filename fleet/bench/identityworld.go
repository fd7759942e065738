// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nkeys"
	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/callout"
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
	issuing       *process
	nats, calling *process
	signing       natstest.Callout
	devices       []*identity
	http          *http.Client
}

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

const (
	// plainUsers are how many users with a password there are.
	plainUsers = 100
	calloutFor = "callout"
	mintAtOnce = 32
)

func (w *identityWorld) file(name string) string { return filepath.Join(w.dir, name) }

// open builds the programs, makes keys and devices, and starts the issuer.
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
	if err := natstest.WriteCertificate(w.file("server.pem"), w.file("server.key")); err != nil {
		return err
	}
	if err := w.register(ctx); err != nil {
		return err
	}
	return w.issue(ctx)
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

func (w *identityWorld) issue(ctx context.Context) error {
	ports, err := freePorts(ctx, 4)
	if err != nil {
		return err
	}
	w.issuer, w.natsPort, w.metrics = fmt.Sprintf("http://127.0.0.1:%d", ports[0]), ports[2], fmt.Sprintf("127.0.0.1:%d", ports[3])
	w.issuing, err = start(ctx, w.file("issuer.log"), w.file("issuer"), "serve", "--url", w.issuer, "--kubeconfig", w.kubeconfig, "--namespace", namespace, "--registry", w.file("registry"),
		"--admin-token-file", w.file("admin"), "--listen", strings.TrimPrefix(w.issuer, "http://"), "--admin-listen", fmt.Sprintf("127.0.0.1:%d", ports[1]))
	if err != nil {
		return err
	}
	return w.answers(ctx, "the issuer", w.issuer+"/readyz")
}

func freePorts(ctx context.Context, n int) (ports []int, err error) {
	for range n {
		free, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a port: %w", err)
		}
		defer func() { _ = free.Close() }() // nothing was said on it
		address, _ := free.Addr().(*net.TCPAddr)
		ports = append(ports, address.Port)
	}
	return ports, nil
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

// mint takes a token for each of the devices, and gives how many there were in a second.
func (w *identityWorld) mint(ctx context.Context, devices []*identity) (rate float64, err error) {
	start := time.Now()
	minting, ctx := errgroup.WithContext(ctx)
	minting.SetLimit(mintAtOnce)
	for _, d := range devices {
		minting.Go(func() error {
			said, err := d.key.Sign(d.id.String(), w.issuer, time.Now())
			if err != nil || ctx.Err() != nil {
				return errors.Join(err, context.Cause(ctx))
			}
			form := url.Values{"grant_type": {assertion.GrantType}, "assertion": {said}}
			asked, err := http.NewRequestWithContext(ctx, http.MethodPost, w.issuer+"/oauth/token", strings.NewReader(form.Encode()))
			if err != nil {
				return fmt.Errorf("ask for a token: %w", err)
			}
			asked.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			data, err := w.read(asked)
			if err != nil {
				return err
			}
			var answer struct {
				Token string `json:"access_token"`
			}
			if err := json.Unmarshal(data, &answer); err != nil {
				return fmt.Errorf("read a token: %w", err)
			}
			d.mu.Lock()
			d.tokens = append(d.tokens, answer.Token)
			d.mu.Unlock()
			return nil
		})
	}
	err = minting.Wait()
	return float64(len(devices)) / time.Since(start).Seconds(), err
}

// serve starts NATS and a callout.
func (w *identityWorld) serve(ctx context.Context, secured bool) error {
	w.secured = secured
	c := natstest.Config{
		Listen: fmt.Sprintf("127.0.0.1:%d", w.natsPort), Dir: w.file("streams"), Callout: &w.signing,
		Fleet: []natstest.User{{Name: calloutFor, Password: password, Rights: &contract.Rights{Publish: []string{callout.Answers + ">"}, Subscribe: []string{callout.Subject}}}},
	}
	for n := range plainUsers {
		c.Devices = append(c.Devices, natstest.User{Name: plainUser(n), Password: password, Rights: natstest.Rights(w.devices[n%len(w.devices)].id)})
	}
	if secured {
		c.Certificate, c.Key = w.file("server.pem"), w.file("server.key")
	}
	if err := os.WriteFile(w.file("nats.conf"), []byte(c.Text()), 0o600); err != nil {
		return fmt.Errorf("configure NATS: %w", err)
	}
	if err := w.startNATS(ctx); err != nil {
		return err
	}
	args := []string{
		"--issuer", w.issuer, "--kubeconfig", w.kubeconfig, "--namespace", namespace, "--nats-url", w.url(), "--nats-user", calloutFor, "--nats-password-file", w.file("password"),
		"--keys", w.file("seeds"), "--listen", w.metrics,
	}
	if secured {
		args = append(args, "--nats-ca-file", w.file("server.pem"))
	}
	var err error
	if w.calling, err = start(ctx, w.file("callout.log"), w.file("callout"), args...); err != nil {
		return err
	}
	return w.answers(ctx, "the callout", "http://"+w.metrics+"/readyz")
}

func (w *identityWorld) startNATS(ctx context.Context) (err error) {
	w.nats, err = start(ctx, w.file("nats.log"), w.file("nats-server"), "--config", w.file("nats.conf"))
	return err
}

func (w *identityWorld) unserve() error { return errors.Join(w.calling.stop(), w.nats.stop()) }

func (w *identityWorld) close() error { return errors.Join(w.unserve(), w.issuing.stop()) }

func (w *identityWorld) url() string {
	scheme := "nats"
	if w.secured {
		scheme = "tls"
	}
	return fmt.Sprintf("%s://127.0.0.1:%d", scheme, w.natsPort)
}

func plainUser(n int) string { return fmt.Sprintf("plain-%d", n) }

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
