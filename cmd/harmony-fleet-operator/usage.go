// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"nationtech.io/harmony/fleet/operator"
)

const help = `Turn Deployments and Devices of a fleet into what its devices are told, and what they report into status.

usage:
  harmony-fleet-operator --namespace NAME --nats-url URL --nats-user NAME --nats-password-file FILE [flags]

flags:
`

const environment = `
environment:
  POD_NAME   names this process among the operators of the fleet (default: the name of the host)

exit codes: 0 done, 1 failed or replaced by another leader, 2 wrong usage
`

// request is what the command line asks for.
type request struct {
	kubeconfig string
	config     operator.Config
}

func parse(args []string) (request, error) {
	var r request
	var namespaces string
	fs := flag.NewFlagSet("harmony-fleet-operator", flag.ContinueOnError)
	fs.SetOutput(os.Stderr)
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), help)
		fs.PrintDefaults()
		fmt.Fprint(fs.Output(), environment)
	}
	c := &r.config
	fs.StringVar(&r.kubeconfig, "kubeconfig", "", "a kubeconfig (default: that of the Pod it runs in)")
	fs.StringVar(&c.Namespace, "namespace", "", "the namespace of the FleetState; it names the fleet")
	fs.StringVar(&namespaces, "deployments-in", "", "namespaces to look for Deployments in, separated by commas (default: that of the FleetState)")
	fs.StringVar(&c.NATS.URL, "nats-url", "", "where NATS is")
	fs.StringVar(&c.NATS.User, "nats-user", "", "the operator's user of NATS")
	fs.StringVar(&c.NATS.PasswordFile, "nats-password-file", "", "a file with its password")
	fs.StringVar(&c.NATS.CAFile, "nats-ca-file", "", "a PEM file with the authorities of the servers' certificates (default: those of the system)")
	fs.StringVar(&c.Kick.User, "kick-nats-user", "", "a user of NATS that closes connections of devices that are revoked or deleted, have lost a key, or flood (default: none are closed)")
	fs.StringVar(&c.Kick.PasswordFile, "kick-nats-password-file", "", "a file with its password")
	fs.IntVar(&c.NATS.Layout.Replicas, "nats-replicas", 1, "on how many servers each bucket stands: 1, 3 or 5")
	fs.StringVar(&c.HealthListen, "health-listen", "127.0.0.1:8080", "address of /healthz and /readyz")
	fs.StringVar(&c.MetricsListen, "metrics-listen", "127.0.0.1:8081", "address of /metrics")
	fs.StringVar(&c.APIListen, "api-listen", "", "address of the API for people, while this process leads (default: nobody listens)")
	fs.DurationVar(&c.RemovalLimit, "removal-limit", 0, "how long a Deployment that is deleted waits for devices that are online (default 10m)")
	fs.DurationVar(&c.OfflineLimit, "offline-limit", 0, "how long it waits for devices that are offline (default 1m)")
	if err := fs.Parse(args); err != nil {
		return request{}, err
	}
	if c.Namespace == "" || c.NATS.URL == "" || c.NATS.User == "" || c.NATS.PasswordFile == "" || fs.NArg() > 0 {
		return request{}, errors.New("--namespace, --nats-url, --nats-user and --nats-password-file are required, and there are no arguments")
	}
	if (c.Kick.User == "") != (c.Kick.PasswordFile == "") {
		return request{}, errors.New("--kick-nats-user and --kick-nats-password-file go together")
	}
	c.Kick.URL, c.Kick.CAFile = c.NATS.URL, c.NATS.CAFile
	c.Namespaces = []string{c.Namespace}
	if namespaces != "" {
		c.Namespaces = strings.Split(namespaces, ",")
	}
	c.Identity = os.Getenv("POD_NAME")
	if c.Identity == "" {
		c.Identity, _ = os.Hostname() // a name for people; without one it is empty
	}
	return r, nil
}
