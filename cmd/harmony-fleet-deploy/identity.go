// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"strconv"

	"github.com/spf13/pflag"

	"nationtech.io/harmony"
	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/fleet/deploy"
)

// The ways in which devices come in.
const (
	byIssuer    = "issuer"
	byPasswords = "passwords"
)

// serverFlags declares the fields of the fleet's NATS and of who knows its devices.
func serverFlags(fs *pflag.FlagSet) func(namespace string) (deploy.Server, error) {
	natsOf, who := natsFlags(fs), identityFlags(fs)
	names := fs.StringSlice("device", []string{defaultDevice}, "a device whose key or password is made here; all: the first is the agent in a Pod; give all of them: one that is left out loses it")
	return func(namespace string) (server deploy.Server, err error) {
		if server.NATS, err = natsOf(namespace); err != nil {
			return server, err
		}
		if err := who(&server); err != nil {
			return server, err
		}
		server.NATS.Devices, err = devices(*names)
		return server, err
	}
}

// identityFlags declares who knows devices, and how the servers ask.
func identityFlags(fs *pflag.FlagSet) func(*deploy.Server) error {
	by := fs.String("identity", byIssuer, "who knows devices: issuer, by keys; or passwords, for development")
	host := fs.String("device-host", "", "name or address by which devices outside of the cluster reach the ports of its nodes")
	port := fs.Int("issuer-port", 0, "port of every node on which devices outside of the cluster reach the issuer, such as 30423 (default: none)")
	keys := fs.Int("callout-keys", 1, "for the how manieth time there are new keys between callout and servers: raise it by one to change them")
	return func(server *deploy.Server) error {
		switch {
		case *by != byIssuer && *by != byPasswords:
			return &cli.FlagError{Flag: "identity", Value: *by, Cause: errors.New("it is issuer or passwords")}
		case *port < 0 || *port > 65535:
			return &cli.FlagError{Flag: "issuer-port", Value: strconv.Itoa(*port), Cause: errors.New("it is a port, or 0 for none")}
		case *keys < 1:
			return &cli.FlagError{Flag: "callout-keys", Value: strconv.Itoa(*keys), Cause: errors.New("it counts from 1")}
		}
		server.DeviceHost = *host
		if *by == byIssuer {
			server.Identity, server.NATS.CalloutKeys = &deploy.Identity{IssuerPort: *port}, *keys
		}
		return nil
	}
}

func bindIssuer(fs *pflag.FlagSet) func(string) (harmony.Offer, error) {
	serverOf := serverFlags(fs)
	return func(namespace string) (harmony.Offer, error) {
		server, err := serverOf(namespace)
		if err == nil && server.Identity == nil {
			err = &cli.FlagError{Flag: "identity", Value: byPasswords, Cause: errors.New("there is no issuer then")}
		}
		if err != nil {
			return nil, err
		}
		return harmony.Place(server.Issuer()), nil
	}
}

func bindCallout(fs *pflag.FlagSet) func(string) (harmony.Offer, error) {
	who := identityFlags(fs)
	replicas := fs.Int("callout-replicas", 2, "callouts: they share the questions of the servers")
	return func(namespace string) (harmony.Offer, error) {
		server := deploy.Server{NATS: deploy.NATS{Namespace: namespace}}
		if err := who(&server); err != nil {
			return nil, err
		}
		if server.Identity == nil {
			return nil, &cli.FlagError{Flag: "identity", Value: byPasswords, Cause: errors.New("there is no callout then")}
		}
		if *replicas < 1 {
			return nil, &cli.FlagError{Flag: "callout-replicas", Value: strconv.Itoa(*replicas), Cause: errors.New("there is at least one")}
		}
		server.Identity.CalloutReplicas = *replicas
		return harmony.Place(server.Callout()), nil
	}
}
