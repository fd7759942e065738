// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/contract"
)

const help = `Tell the NATS servers of a fleet who connects: a server asks, and the answer is what the access token that was shown may.

usage:
  harmony-fleet-callout --issuer URL --namespace NAME --nats-url URL --nats-user NAME --nats-password-file FILE --keys FILE [flags]

flags:
`

const more = `
The fleet's Devices are watched in Kubernetes: a device is let in if it is enrolled, and its spec.access is Allowed. Before
they are known nobody is answered; while Kubernetes is away, what is known counts.
--keys is read anew when it changes. While keys rotate, it holds the old and the new ones. The password is read at each
connection. All else is read at the start: after a change of --issuer-ca-file, --audience or a claim start it anew.
A line of --keys is the seed of an account (SA…), which signs, or of a curve key (SX…), which seals: auth_callout of the
servers has their public keys as issuer and xkey.

exit codes: 0 done, 1 failed, or the fleet has another control plane, 2 wrong usage
`

// askLimit bounds how long the provider may take to answer.
const askLimit = 5 * time.Second

type request struct {
	kubeconfig, namespace string
	config                callout.Config
}

func parse(args []string) (r request, err error) {
	var ca string
	c := &r.config
	fs := flag.NewFlagSet("harmony-fleet-callout", flag.ContinueOnError)
	fs.SetOutput(os.Stderr)
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), help)
		fs.PrintDefaults()
		fmt.Fprint(fs.Output(), more)
	}
	fs.StringVar(&c.Issuer, "issuer", "", "the identity provider, as its tokens name it")
	fs.StringVar(&ca, "issuer-ca-file", "", "a PEM file with the authorities of its certificate (default: those of the system)")
	fs.StringVar(&r.kubeconfig, "kubeconfig", "", "a kubeconfig (default: that of the Pod it runs in)")
	fs.StringVar(&r.namespace, "namespace", "", "the namespace of the FleetState; it names the fleet")
	fs.StringVar(&c.Audience, "audience", "", "what tokens must be for (default: nats: and the UID of the FleetState)")
	fs.StringVar(&c.DeviceClaim, "device-claim", contract.ClaimDevice, "the claim with a device's id")
	fs.StringVar(&c.RolesClaim, "roles-claim", contract.ClaimRoles, "the claim with the roles: a list, or an object with fields named so")
	fs.Func("nats-url", "where NATS is; several are separated by commas", func(text string) error {
		c.NATS.URLs = strings.Split(text, ",")
		return nil
	})
	fs.StringVar(&c.NATS.User, "nats-user", "", "the callout's user of NATS")
	fs.StringVar(&c.NATS.PasswordFile, "nats-password-file", "", "a file with its password")
	fs.StringVar(&c.NATS.CAFile, "nats-ca-file", "", "a PEM file with the authorities of the servers' certificates (default: those of the system)")
	fs.Func("keys", "a file with seeds; may be given several times", func(text string) error {
		c.KeyFiles = append(c.KeyFiles, text)
		return nil
	})
	fs.IntVar(&c.Workers, "workers", 0, "how many answer side by side (default: one for each processor)")
	fs.IntVar(&c.Waiting, "waiting", 0, "how many questions may wait; more are dropped (default 4096)")
	fs.StringVar(&c.Listen, "listen", "127.0.0.1:8080", "address of /metrics, /healthz and /readyz")
	if err := fs.Parse(args); err != nil {
		return r, err
	}
	if c.Issuer == "" || r.namespace == "" || len(c.NATS.URLs) == 0 || c.NATS.User == "" || c.NATS.PasswordFile == "" ||
		len(c.KeyFiles) == 0 || fs.NArg() > 0 {
		return r, errors.New("--issuer, --namespace, --nats-url, --nats-user, --nats-password-file and --keys are required, and there are no arguments")
	}
	c.HTTP, err = client(ca)
	return r, err
}

// client asks the provider.
func client(ca string) (*http.Client, error) {
	trusted := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		text, err := os.ReadFile(ca)
		if err != nil {
			return nil, fmt.Errorf("--issuer-ca-file: %w", err)
		}
		trusted.RootCAs = x509.NewCertPool()
		if !trusted.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("--issuer-ca-file: %s holds no certificate", ca)
		}
	}
	return &http.Client{Timeout: askLimit, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: trusted}}, nil
}
