// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/state"
)

// lifetime of certificates: a local cluster is thrown away long before.
const lifetime = 10 * 365 * 24 * time.Hour

// Authority issues certificates.
type Authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	// PEM is the authority's certificate.
	PEM []byte
}

// Pair is a certificate and its key, in PEM.
type Pair struct{ Certificate, Key []byte }

// Identity is what a certificate says of its holder.
type Identity struct {
	User      string
	Groups    []string
	Addresses []netip.Addr // a server's
	Names     []string     // a server's
}

// OpenAuthority reads the authority NAME.crt and NAME.key in dir, or makes it.
func OpenAuthority(dir, name string) (*Authority, error) {
	certificate, key := filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")
	if _, err := os.Stat(certificate); err == nil {
		return readAuthority(certificate, key)
	}
	a, pair, err := newAuthority(name)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "make authority %s", name)
	}
	if err := state.WriteFile(key, pair.Key); err != nil {
		return nil, err
	}
	// The certificate comes last: it is what says that the authority is whole.
	return a, state.WriteFile(certificate, pair.Certificate)
}

func readAuthority(certificateFile, keyFile string) (*Authority, error) {
	certificate, err := os.ReadFile(certificateFile)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "read an authority")
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "read an authority")
	}
	cb, _ := pem.Decode(certificate)
	kb, _ := pem.Decode(key)
	if cb == nil || kb == nil {
		return nil, fault.New(fault.Failed, "%s or its key holds no PEM", certificateFile)
	}
	a := &Authority{PEM: certificate}
	if a.certificate, err = x509.ParseCertificate(cb.Bytes); err != nil {
		return nil, fault.Wrap(fault.Failed, err, "parse %s", certificateFile)
	}
	if a.key, err = x509.ParseECPrivateKey(kb.Bytes); err != nil {
		return nil, fault.Wrap(fault.Failed, err, "parse %s", keyFile)
	}
	return a, nil
}

func newAuthority(name string) (*Authority, Pair, error) {
	key, keyPEM, err := newKey()
	if err != nil {
		return nil, Pair{}, err
	}
	template, err := newTemplate(pkix.Name{CommonName: "localkube " + name})
	if err != nil {
		return nil, Pair{}, err
	}
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, Pair{}, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, Pair{}, err
	}
	a := &Authority{key: key, certificate: certificate, PEM: encode("CERTIFICATE", der)}
	return a, Pair{a.PEM, keyPEM}, nil
}

// Issue makes a key and a certificate for an identity.
func (a *Authority) Issue(id Identity) (Pair, error) {
	key, keyPEM, err := newKey()
	if err != nil {
		return Pair{}, fault.Wrap(fault.Failed, err, "make a key for %s", id.User)
	}
	template, err := newTemplate(pkix.Name{CommonName: id.User, Organization: id.Groups})
	if err != nil {
		return Pair{}, fault.Wrap(fault.Failed, err, "make a certificate for %s", id.User)
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if len(id.Addresses)+len(id.Names) > 0 {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	template.DNSNames = id.Names
	for _, address := range id.Addresses {
		template.IPAddresses = append(template.IPAddresses, net.IP(address.AsSlice()))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return Pair{}, fault.Wrap(fault.Failed, err, "make a certificate for %s", id.User)
	}
	return Pair{encode("CERTIFICATE", der), keyPEM}, nil
}

func newTemplate(subject pkix.Name) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: subject,
		// An hour back, for clocks that were set meanwhile.
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(lifetime),
	}, nil
}

func newKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return key, encode("EC PRIVATE KEY", der), nil
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
