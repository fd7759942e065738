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
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

// certified writes a client certificate and its key, and gives a configuration that names them.
func certified(t *testing.T, host string, from, to time.Time) *rest.Config {
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
	return &rest.Config{Host: host, TLSClientConfig: rest.TLSClientConfig{
		Insecure: true, CertFile: filepath.Join(dir, "cert"), KeyFile: filepath.Join(dir, "key"),
	}}
}

func TestAClientCertificateThatIsRefusedAndNotValidNowIsTold(t *testing.T) {
	now := time.Now()
	old := []time.Time{now.Add(-2 * time.Hour), now.Add(-time.Hour)}
	for name, c := range map[string]struct {
		of     []time.Time
		status int
		code   []diag.Code
	}{
		"valid, and refused":      {[]time.Time{now.Add(-time.Hour), now.Add(time.Hour)}, http.StatusUnauthorized, []diag.Code{diag.Forbidden}},
		"old, and refused":        {old, http.StatusUnauthorized, []diag.Code{diag.CertificateExpired}},
		"not yet, and refused":    {[]time.Time{now.Add(time.Hour), now.Add(2 * time.Hour)}, http.StatusUnauthorized, []diag.Code{diag.CertificateExpired}},
		"old by our clock, taken": {old, http.StatusOK, nil},
	} {
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.status) }))
		defer server.Close()
		client, err := kube.Connect(kube.Options{Config: certified(t, server.URL, c.of[0], c.of[1])})
		fatal(t, err)
		err = client.Answers(t.Context())
		if !cmp.Equal(codes(err), c.code) || slices.Contains(c.code, diag.CertificateExpired) && !strings.Contains(text(err), "the client certificate of ann is valid from") {
			t.Errorf("%s: got %v\n%s", name, err, text(err))
		}
	}
}
