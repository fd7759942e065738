// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package authority

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/secret/derive"
)

// Ref names an authority: it exists from the first time on that it is asked for something. Several components share it.
type Ref struct {
	// Owner is the component whose data the authority is: a purge of that one takes it.
	Owner kube.Inventory
	// Secret is the name of the Secret with what it is made from.
	Secret string
}

// Pair is a certificate and its key.
type Pair struct {
	// Certificate is the PEM text of the certificate.
	Certificate string
	// Key is the PEM text of its private key (PKCS #8).
	Key secret.Value
	// Authority is the PEM text of the authority's certificate, which the other side pins.
	Authority string
}

const (
	seedKey = "seed"
	// era is how long one certificate of a server is made for: then comes another. It is good for several.
	era = 90 * 24 * time.Hour
	// good is how long it is good, from the begin of its era.
	good = 3 * 365 * 24 * time.Hour
	// lives is how long the authority's own certificate is good. Devices pin it.
	lives = 50 * 365 * 24 * time.Hour
)

// begin is when authorities begin, whenever they are made: their certificates have no other moment that stays the same. It
// is before any device of a fleet can be running, also one whose clock stands at the date of its program.
var begin = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Certificate is the certificate that clients pin, as PEM text.
func (r Ref) Certificate(ctx context.Context, on kube.Applier) (string, harmony.Outcome, error) {
	seed, outcome, err := r.seed(ctx, on)
	if err != nil {
		return "", outcome, err
	}
	_, _, text, err := own(seed)
	return text, outcome, err
}

// Issue gives the certificate of a server that is reached by these names, of which the first is what it is called.
// It is the same one until a new era begins, or the names change.
func (r Ref) Issue(ctx context.Context, on kube.Applier, now time.Time, hosts ...string) (Pair, harmony.Outcome, error) {
	seed, outcome, err := r.seed(ctx, on)
	if err != nil {
		return Pair{}, outcome, err
	}
	pair, err := issue(seed, now, server, hosts)
	return pair, outcome, err
}

// IssuePeer is as Issue, for a program that is server and client to others of its kind, which have the certificate as well. No certificate
// of Issue is good for a client.
func (r Ref) IssuePeer(ctx context.Context, on kube.Applier, now time.Time, hosts ...string) (Pair, harmony.Outcome, error) {
	seed, outcome, err := r.seed(ctx, on)
	if err != nil {
		return Pair{}, outcome, err
	}
	pair, err := issue(seed, now, peer, hosts)
	return pair, outcome, err
}

// A use is what a certificate is good for; its name is in what the key is made from.
type use struct {
	name string
	keys []x509.ExtKeyUsage
}

var (
	server = use{"server", []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	peer   = use{"peer", []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
)

func (r Ref) seed(ctx context.Context, on kube.Applier) (secret.Value, harmony.Outcome, error) {
	values, outcome, err := on.Generate(ctx, r.Owner, r.Secret, seedKey)
	return values[seedKey], outcome, err
}

// own is the authority itself.
func own(seed secret.Value) (*x509.Certificate, *ecdsa.PrivateKey, string, error) {
	key := derive.ECDSA(seed, "authority")
	id, err := keyID(key)
	if err != nil {
		return nil, nil, "", err
	}
	template := &x509.Certificate{
		SerialNumber: number(id), Subject: pkix.Name{CommonName: "Harmony authority " + hex.EncodeToString(id[:4])},
		NotBefore: begin, NotAfter: begin.Add(lives), IsCA: true, MaxPathLenZero: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, SubjectKeyId: id,
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, "", fmt.Errorf("make the authority's certificate: %w", err)
	}
	return template, key, text("CERTIFICATE", der), nil
}

func issue(seed secret.Value, now time.Time, of use, hosts []string) (Pair, error) {
	parent, signer, ca, err := own(seed)
	if err != nil {
		return Pair{}, err
	}
	from := now.UTC().Truncate(era)
	key := derive.ECDSA(seed, of.name+" "+from.Format(time.DateOnly)+" "+strings.Join(hosts, " "))
	id, err := keyID(key)
	if err != nil {
		return Pair{}, err
	}
	template := &x509.Certificate{
		SerialNumber: number(id), Subject: pkix.Name{CommonName: hosts[0]},
		NotBefore: from, NotAfter: from.Add(good), BasicConstraintsValid: true, SubjectKeyId: id,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: of.keys,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	// Without a source of randomness a signature of ECDSA is the same each time (RFC 6979).
	der, err := x509.CreateCertificate(nil, template, parent, key.Public(), signer)
	if err != nil {
		return Pair{}, fmt.Errorf("make the certificate of %s: %w", hosts[0], err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, fmt.Errorf("write the key of %s: %w", hosts[0], err)
	}
	return Pair{Certificate: text("CERTIFICATE", der), Key: secret.New(text("PRIVATE KEY", private)), Authority: ca}, nil
}

// keyID is what a key is known by.
func keyID(key *ecdsa.PrivateKey) ([]byte, error) {
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, fmt.Errorf("write a public key: %w", err)
	}
	sum := sha256.Sum256(public)
	return sum[:20], nil
}

// number is a serial number: positive, and of 20 bytes at most (RFC 5280, 4.1.2.2).
func number(of []byte) *big.Int {
	sum := sha256.Sum256(of)
	sum[0] &= 0x7f
	return new(big.Int).SetBytes(sum[:16])
}

func text(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
