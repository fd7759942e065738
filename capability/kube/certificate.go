// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"crypto/x509"
	"encoding/pem"
	"time"

	"k8s.io/client-go/rest"

	"nationtech.io/harmony/diag"
)

// current tells whether the client certificate of the configuration, if it has one, is valid now. The API server
// would answer only that it does not know who asks. What cannot be read as a certificate is left to the client.
func current(config *rest.Config, now time.Time) error {
	config = rest.CopyConfig(config)
	if rest.LoadTLSFiles(config) != nil {
		return nil //nolint:nilerr // the client says so
	}
	block, _ := pem.Decode(config.CertData)
	if block == nil {
		return nil
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !now.Before(c.NotBefore) && !now.After(c.NotAfter) {
		return nil //nolint:nilerr // it is no certificate: the client says so
	}
	return diag.New(diag.CertificateExpired).
		Saw("the client certificate of " + c.Subject.CommonName + " is valid from " + c.NotBefore.Format(time.RFC3339) +
			" to " + c.NotAfter.Format(time.RFC3339) + ", and now it is " + now.UTC().Format(time.RFC3339)).
		Note("it is the kubeconfig's: it says to the API server who asks").
		Try("fetch the kubeconfig anew, or set the clock of this machine")
}
