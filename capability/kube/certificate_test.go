// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

// certified writes a client certificate and its key, and gives a configuration that names them.
func certified(t *testing.T, from, to time.Time) *rest.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fatal(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ann"}, NotBefore: from, NotAfter: to}
	signed, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	fatal(t, err)
	private, err := x509.MarshalECPrivateKey(key)
	fatal(t, err)
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{"cert": {Type: "CERTIFICATE", Bytes: signed}, "key": {Type: "EC PRIVATE KEY", Bytes: private}} {
		fatal(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600))
	}
	return &rest.Config{Host: "https://one.example:6443", TLSClientConfig: rest.TLSClientConfig{
		CertFile: filepath.Join(dir, "cert"), KeyFile: filepath.Join(dir, "key"),
	}}
}

func TestAClientCertificateThatIsNotValidNowIsToldBeforeAnythingIsAsked(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		from, to time.Time
		code     []diag.Code
	}{
		"valid":   {now.Add(-time.Hour), now.Add(time.Hour), nil},
		"old":     {now.Add(-2 * time.Hour), now.Add(-time.Hour), []diag.Code{diag.CertificateExpired}},
		"not yet": {now.Add(time.Hour), now.Add(2 * time.Hour), []diag.Code{diag.CertificateExpired}},
	} {
		_, err := kube.Connect(kube.Options{Config: certified(t, c.from, c.to)})
		if !cmp.Equal(codes(err), c.code) || err != nil && !strings.Contains(text(err), "the client certificate of ann is valid from") {
			t.Errorf("%s: got %v\n%s", name, err, text(err))
		}
	}
}
