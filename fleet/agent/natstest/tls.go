// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package natstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// certificate is a certificate for 127.0.0.1 that vouches for itself, with its key.
type certificate struct{ file, key string }

// Secure makes a server that is not started yet speak TLS only, with an authority of its own.
func (s *Server) Secure() {
	s.t.Helper()
	dir := filepath.Dir(s.file)
	s.secured = &certificate{filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")}
	if err := WriteCertificate(s.secured.file, s.secured.key); err != nil {
		s.t.Fatal(err)
	}
}

// WriteCertificate writes a new certificate for 127.0.0.1 that vouches for itself, and its key; good for a day.
func WriteCertificate(file, keyFile string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode a key: %w", err)
	}
	return errors.Join(
		os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public}), 0o600),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
}
