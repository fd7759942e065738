// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/cli"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/deploy"
)

func bindOperator(fs *pflag.FlagSet) func(string) (harmony.Offer, error) {
	operator, who := operatorFlags(fs), identityFlags(fs)
	replicas := fs.Int("nats-replicas", 1, "NATS servers that there are: 1, 3 or 5")
	definitions := fs.Bool("definitions", false, "remove --purge takes the definitions too, and with them every Deployment and Device of all fleets")
	return func(namespace string) (harmony.Offer, error) {
		server, err := operator()
		if err != nil {
			return nil, err
		}
		server.NATS = deploy.NATS{Namespace: namespace, Replicas: *replicas}
		if err := who(&server); err != nil {
			return nil, err
		}
		score := server.Operator()
		score.Definitions = *definitions
		return harmony.Place(score), nil
	}
}

func bindServer(fs *pflag.FlagSet) func(string) (harmony.Offer, error) {
	serverOf, operator := serverFlags(fs), operatorFlags(fs)
	return func(namespace string) (harmony.Offer, error) {
		server, err := serverOf(namespace)
		if err != nil {
			return nil, err
		}
		o, err := operator()
		if err != nil {
			return nil, err
		}
		server.OperatorReplicas, server.Grants = o.OperatorReplicas, o.Grants
		return harmony.Place(server), nil
	}
}

// operatorFlags declares the fields of the operator.
func operatorFlags(fs *pflag.FlagSet) func() (deploy.Server, error) {
	replicas := fs.Int("operator-replicas", 1, "operators: one leads, the others wait")
	grants := fs.StringArray("grant", nil, "NAMESPACE or NAMESPACE:SELECTOR: Deployments there may target the devices that the selector matches (default: the fleet's own namespace may target all)")
	return func() (deploy.Server, error) {
		server := deploy.Server{OperatorReplicas: *replicas}
		if *replicas < 1 {
			return server, &cli.FlagError{Flag: "operator-replicas", Value: strconv.Itoa(*replicas), Cause: errors.New("there is at least one")}
		}
		for _, text := range *grants {
			namespace, selector, _ := strings.Cut(text, ":")
			devices, err := metav1.ParseToLabelSelector(selector)
			if err == nil && namespace == "" {
				err = errors.New("it names no namespace")
			}
			if err != nil {
				return server, &cli.FlagError{Flag: "grant", Value: text, Cause: err}
			}
			server.Grants = append(server.Grants, fleet.Grant{Namespace: namespace, Devices: *devices})
		}
		return server, nil
	}
}
