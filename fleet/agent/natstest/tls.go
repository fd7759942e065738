// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package natstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
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
	template := loopback()
	template.IsCA, template.KeyUsage = true, template.KeyUsage|x509.KeyUsageCertSign
	key, err := newKey()
	if err != nil {
		return err
	}
	return write(template, template, key, key, file, keyFile)
}

// An Authority vouches for servers on 127.0.0.1, as the one of a fleet does.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority makes an authority, good for a day, and writes its certificate, which clients pin, into a file.
func NewAuthority(file string) (*Authority, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: filepath.Base(file)}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the certificate of an authority: %w", err)
	}
	certificate, err := x509.ParseCertificate(public)
	if err != nil {
		return nil, fmt.Errorf("read the certificate of an authority: %w", err)
	}
	return &Authority{certificate, key}, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public}), 0o600)
}

// Issue writes a new certificate of a server, and its key; good for a day.
func (a *Authority) Issue(file, keyFile string) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	return write(loopback(), a.certificate, key, a.key, file, keyFile)
}

// loopback is what is in the certificate of a server on 127.0.0.1.
func loopback() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
}

func newKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return key, nil
}

// write writes a certificate that parent vouches for, and its key.
func write(template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey, file, keyFile string) error {
	public, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
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
