// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/api/resource"

	"nationtech.io/harmony"
	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/deploy"
	"nationtech.io/harmony/score/nats"
)

const defaultDevice = "demo-1"

func components() []cli.Component {
	return []cli.Component{
		{Name: "nats", What: "NATS with JetStream, the fleet's accounts and streams", Example: "--device demo-1 --device demo-2", Bind: bindNATS},
		{Name: "operator", What: "the fleet's operator, and the kinds that people write for it", Example: "--operator-replicas 2", Bind: bindOperator},
		{Name: "issuer", What: "the identity provider of a fleet that has no other", Example: "--device demo-1", Bind: bindIssuer},
		{Name: "callout", What: "tells NATS who connects, by the tokens of an identity provider", Example: "--callout-replicas 3", Bind: bindCallout},
		{Name: "server", What: "nats, operator, issuer and callout", Example: "--device demo-1", Bind: bindServer},
		{Name: "agent", What: "fleet agent in a Pod", Example: "--device demo-1", Bind: bindAgent},
		{Name: "all", What: "server and one agent in a Pod", Example: "--device demo-1", Bind: bindAll},
	}
}

func bindNATS(fs *pflag.FlagSet) func(string) (harmony.Offer, error) {
	server := bindNATSDevices(fs)
	return func(namespace string) (harmony.Offer, error) {
		score, err := server(namespace)
		if err != nil {
			return nil, err
		}
		return harmony.Place(score), nil
	}
}

// bindNATSDevices declares the fields of the fleet's NATS.
func bindNATSDevices(fs *pflag.FlagSet) func(string) (deploy.NATS, error) {
	server := serverFlags(fs)
	return func(namespace string) (deploy.NATS, error) {
		s, err := server(namespace)
		return s.Stands(), err
	}
}

func bindAgent(fs *pflag.FlagSet) func(string) (harmony.Offer, error) {
	name := fs.String("device", defaultDevice, "id of the device that the agent is: an RFC 1123 label")
	who := identityFlags(fs)
	return func(namespace string) (harmony.Offer, error) {
		id, err := device(*name)
		if err != nil {
			return nil, err
		}
		server := deploy.Server{NATS: deploy.NATS{Namespace: namespace}}
		if err := who(&server); err != nil {
			return nil, err
		}
		return harmony.Place(deploy.AgentPod{Namespace: namespace, Device: id, NATS: server.Stands().Ref(), Identity: server.Provider()}), nil
	}
}

func bindAll(fs *pflag.FlagSet) func(string) (harmony.Offer, error) {
	serverOf, operator := serverFlags(fs), operatorFlags(fs)
	return func(namespace string) (harmony.Offer, error) {
		s, err := serverOf(namespace)
		if err != nil {
			return nil, err
		}
		o, err := operator()
		if err != nil {
			return nil, err
		}
		return harmony.Place(deploy.All{
			NATS: s.NATS, OperatorReplicas: o.OperatorReplicas, Grants: o.Grants, Identity: s.Identity, DeviceHost: s.DeviceHost, Device: s.NATS.Devices[0],
		}), nil
	}
}

// natsFlags declares the fields of the fleet's NATS besides its devices.
func natsFlags(fs *pflag.FlagSet) func(namespace string) (deploy.NATS, error) {
	replicas := fs.Int("nats-replicas", 1, "NATS servers: 1, 3 or 5")
	size := fs.String("storage-size", "1Gi", "volume claim of each NATS server")
	class := fs.String("storage-class", "", "storage class of the volume claims (default: the cluster's)")
	port := fs.Int("device-port", 0, "port of every node on which devices outside of the cluster reach NATS, such as 30422 (default: none)")
	return func(namespace string) (deploy.NATS, error) {
		bytes, err := resource.ParseQuantity(*size)
		if err == nil && bytes.Sign() <= 0 {
			err = errors.New("a volume claim needs room")
		}
		if err != nil {
			return deploy.NATS{}, &cli.FlagError{Flag: "storage-size", Value: *size, Cause: err}
		}
		if !slices.Contains([]int{1, 3, 5}, *replicas) {
			return deploy.NATS{}, &cli.FlagError{Flag: "nats-replicas", Value: strconv.Itoa(*replicas), Cause: errors.New("it is 1, 3 or 5")}
		}
		if *port < 0 || *port > 65535 {
			return deploy.NATS{}, &cli.FlagError{Flag: "device-port", Value: strconv.Itoa(*port), Cause: errors.New("it is a port, or 0 for none")}
		}
		store := nats.Storage{Bytes: bytes.Value(), Class: *class}
		return deploy.NATS{Namespace: namespace, Replicas: *replicas, Store: store, DevicePort: *port}, nil
	}
}

func devices(names []string) (ids []contract.DeviceID, err error) {
	for _, name := range names {
		id, err := device(name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		_, err = device("") // an empty list is what an empty name makes of a flag
	}
	return ids, err
}

func device(name string) (contract.DeviceID, error) {
	id, err := contract.ParseDeviceID(name)
	if err != nil {
		return id, &cli.FlagError{Flag: "device", Value: name, Cause: fmt.Errorf("a device id is an RFC 1123 label: %w", err)}
	}
	return id, nil
}
