// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/enrolment"
	"nationtech.io/harmony/fleet/issuer/admin"
)

// What the set-up of a Zitadel calls what it keeps of the enroller.
const (
	enrollerKey   = "key.pem"
	enrollerKeyID = "key-id"
)

// provider is at whom devices of the fleet are enrolled.
func (s *session) provider(ctx context.Context, way entrance) (enrolment.Provider, error) {
	switch way.provider {
	case "", contract.ProviderIssuer:
		administrator, err := s.issuer(ctx)
		return enrolment.Issuer{Admin: administrator}, err
	case contract.ProviderZitadel:
		return s.zitadel(ctx, way)
	}
	return nil, s.cannot(way).Saw("devices are enrolled there by hand, and nobody but that provider knows how").
		Try("make the device and its public key known at the provider, with the id of the device in the claim that the callout looks for",
			"write its configuration, all fields: harmony-fleet-agent --help", "make its Device: kubectl apply --filename DEVICE.yaml")
}

// zitadel is one, as the machine that the set-up made for enrolling.
func (s *session) zitadel(ctx context.Context, way entrance) (enrolment.Provider, error) {
	values, err := s.held(ctx, way.secret)
	if err != nil {
		return nil, err
	}
	key, err := assertion.Parse([]byte(values[enrollerKey].Reveal()), values[enrollerKeyID].Reveal())
	if err != nil || values[enrollerKeyID].IsZero() || way.audience == "" {
		return nil, s.cannot(way).Saw("there is no key of " + way.enroller + " in Secret/" + way.secret).Because(err).
			Try("deploy the fleet's zitadel-setup, and then the fleet: it makes a machine that enrols others")
	}
	through, err := s.outside(way.OfIssuer())
	if err != nil {
		return nil, diag.New(diag.AccessUnknown, "fleet "+s.fleet).Saw("ConfigMap/" + accessName + " cannot be used").Because(err)
	}
	return enrolment.Zitadel{
		URL: way.issuer, HTTP: admin.NewHTTP(through), Fleet: s.fleet, Project: way.audience, Scope: way.scope, Enroller: way.enroller, Key: key,
	}, nil
}

// asked gives the fleet's own issuer to what devices ask by themselves. Another provider answers no such questions.
func (s *session) asked(ctx context.Context) (admin.Client, error) {
	way, err := s.entrance(ctx)
	if err == nil && way.provider != "" && way.provider != contract.ProviderIssuer {
		return admin.Client{}, s.cannot(way).Saw("devices ask to join at the fleet's own issuer alone").
			Try("enroll the device:", "harmony-fleet enroll DEVICE --output-dir DIR")
	}
	return s.issuer(ctx) // where the fleet does not say how devices connect, it may have an issuer
}

func (s *session) cannot(way entrance) *diag.Diagnostic {
	return diag.New(diag.ProviderCannot, "fleet "+s.fleet).Saw("its identity provider is " + way.issuer + ", of the kind " + way.provider)
}

var errNoAuthority = errors.New("its authorities are no certificates")

// outside goes where devices go, and trusts whom they trust: these authorities, or those of the system when they are empty.
func outside(authorities string) (http.RoundTripper, error) {
	secured := &tls.Config{MinVersion: tls.VersionTLS12}
	if authorities != "" {
		secured.RootCAs = x509.NewCertPool()
		if !secured.RootCAs.AppendCertsFromPEM([]byte(authorities)) {
			return nil, errNoAuthority
		}
	}
	return &http.Transport{TLSClientConfig: secured, Proxy: http.ProxyFromEnvironment}, nil
}
