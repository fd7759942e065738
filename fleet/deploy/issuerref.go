// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/identity"
)

// IssuerRef is what other Scores know of an Issuer.
type IssuerRef struct {
	Namespace string
	URL       string
	nats      NATSRef
}

// Ref refers to this issuer.
func (s Issuer) Ref() IssuerRef { return IssuerRef{Namespace: s.Namespace, URL: s.URL, nats: s.NATS} }

func (r IssuerRef) host() string { return issuerName + "." + r.Namespace + ".svc" }

func (r IssuerRef) service() kube.Service {
	return kube.Service{Namespace: r.Namespace, Name: issuerName, Port: issuerPort}
}

// Facts has the name of the issuer; its claims are the fleet's own.
func (r IssuerRef) Facts(context.Context, kube.Cluster) (identity.Facts, error) {
	return identity.Facts{Issuer: r.url(), Kind: contract.ProviderIssuer}, nil
}

func (r IssuerRef) url() string {
	if r.URL != "" {
		return r.URL
	}
	return fmt.Sprintf("https://%s:%d", r.host(), issuerPort)
}

// Pinned is the authority of the fleet's NATS.
func (r IssuerRef) Pinned(ctx context.Context, on kube.Cluster) (string, harmony.Outcome, error) {
	return r.nats.Authority().Certificate(ctx, on)
}

// Client reaches the issuer through the cluster, whatever it is called.
func (r IssuerRef) Client(ctx context.Context, on kube.Cluster) (*http.Client, error) {
	values, err := on.Secret(ctx, r.Namespace, issuerTLS)
	if err != nil {
		return nil, err
	}
	trusted := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}
	if !trusted.RootCAs.AppendCertsFromPEM([]byte(values[authorityFile].Reveal())) {
		return nil, diag.New(diag.NobodyAnswered, "Secret/"+issuerTLS).Saw("there is no certificate of an authority in the namespace " + r.Namespace).
			Try("deploy issuer first: it has the certificate that its clients pin")
	}
	client := kube.HTTP(on, r.service())
	if through, ok := client.Transport.(*http.Transport); ok {
		through.TLSClientConfig = trusted
	}
	return client, nil
}

// Machine gives the key of a device that the Score knows.
func (r IssuerRef) Machine(ctx context.Context, on kube.Reader, name string) (identity.Machine, error) {
	id, err := contract.ParseDeviceID(name)
	if err != nil {
		return identity.Machine{}, diag.New(diag.BadPlacement, "machine "+name).Because(err)
	}
	return identity.Machine{Secret: machineSecret(id)}, nil
}

func machineSecret(id contract.DeviceID) string { return "issuer-key-" + id.String() }

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
