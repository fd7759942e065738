// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"time"

	"k8s.io/client-go/rest"

	"nationtech.io/harmony/diag"
)

// dated tells a refusal of an outdated client certificate for what it is: the API server says only that it does not know
// who asks.
type dated struct {
	next   http.RoundTripper
	config *rest.Config
}

// RoundTrip gives the Diagnostic CertificateExpired as its error in place of such a refusal.
func (d dated) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := d.next.RoundTrip(r)
	if err != nil || answer.StatusCode != http.StatusUnauthorized {
		return answer, err
	}
	if said := outdated(d.config, time.Now()); said != nil {
		_ = answer.Body.Close() // nothing of it is read
		return nil, said
	}
	return answer, nil
}

// WrappedRoundTripper is the one below.
func (d dated) WrappedRoundTripper() http.RoundTripper { return d.next }

// outdated says that the client certificate of the configuration is not valid now; nil when it is, or there is none.
func outdated(config *rest.Config, now time.Time) *diag.Diagnostic {
	config = rest.CopyConfig(config)
	if rest.LoadTLSFiles(config) != nil {
		return nil //nolint:nilerr // the client has said so
	}
	block, _ := pem.Decode(config.CertData)
	if block == nil {
		return nil
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !now.Before(c.NotBefore) && !now.After(c.NotAfter) {
		return nil //nolint:nilerr // what is no certificate the client has told
	}
	return diag.New(diag.CertificateExpired).
		Saw("the client certificate of " + c.Subject.CommonName + " is valid from " + c.NotBefore.Format(time.RFC3339) +
			" to " + c.NotAfter.Format(time.RFC3339) + ", and now it is " + now.UTC().Format(time.RFC3339)).
		Note("the API server does not accept it; it is the kubeconfig's, and says who asks").
		Try("fetch the kubeconfig anew, or set the clock of this machine")
}
