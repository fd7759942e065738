// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package minter

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/issuer/issuertest"
)

// authority makes certificates for 127.0.0.1.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	file string
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{t: t, file: filepath.Join(t.TempDir(), "ca.pem")}
	a.cert, a.key = a.sign(&x509.Certificate{
		NotBefore: time.Now().Add(-10 * 365 * 24 * time.Hour), NotAfter: time.Now().Add(10 * 365 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	if err := os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// sign signs with the authority's key, or with the certificate's own where there is none yet.
func (a authority) sign(c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	by, with := a.cert, a.key
	if by == nil {
		by, with = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by, key.Public(), with)
	if err != nil {
		a.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return made, key
}

// server is a certificate that is good between then and then, from now on.
func (a authority) server(from, until time.Duration) tls.Certificate {
	a.t.Helper()
	made, key := a.sign(&x509.Certificate{
		NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(until), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return tls.Certificate{Certificate: [][]byte{made.Raw}, PrivateKey: key}
}

// secured is a device of an issuer with such a certificate.
func secured(t *testing.T, from, until time.Duration) config.Profile {
	t.Helper()
	a := newAuthority(t)
	shown := a.server(from, until)
	p := enrolled(t, issuertest.StartWith(t, io.Discard, issuertest.Options{Certificate: &shown}))
	p.CAFile = a.file
	return p
}

// shifted is a machine whose clock is wrong by that much.
func shifted(by time.Duration) clock.Machine {
	return clock.Machine{Wall: func() time.Time { return time.Now().Add(by) }}
}

const in1970 = -56 * 365 * 24 * time.Hour

// near is how exactly a Date tells the time: it has whole seconds, and this machine may be busy.
const near = 10 * time.Second

func wrongBy(c *clock.Clock) time.Duration { return time.Until(c.Now()).Abs() }

func TestADeviceWhoseClockIsWrongGetsATokenOverTLS(t *testing.T) {
	p := secured(t, -10*time.Minute, 90*24*time.Hour)
	for _, by := range []time.Duration{in1970, 3 * time.Second, -61 * time.Minute, 61 * time.Minute} {
		c := clock.New(shifted(by), time.Time{})
		m := New(p, c)
		for range 2 {
			if _, err := m.Token(t.Context()); err != nil {
				t.Errorf("%v: %v", by, err)
			}
		}
		if wrongBy(c) > near || time.Since(c.Floor()) > near {
			t.Errorf("%v: it is %s here, and certainly %s", by, c.Now(), c.Floor())
		}
	}
}

func TestARefusalTellsTheTimeToo(t *testing.T) {
	for _, by := range []time.Duration{in1970, -61 * time.Minute, time.Hour} {
		var shift atomic.Int64
		c := clock.New(clock.Machine{Wall: func() time.Time { return time.Now().Add(time.Duration(shift.Load())) }}, time.Time{})
		m := New(enrolled(t, issuertest.Start(t, io.Discard)), c)
		if _, err := m.Token(t.Context()); err != nil { // where tokens are is known: nothing but the refusal tells the time
			t.Fatal(err)
		}
		shift.Store(int64(by))
		if wrongBy(c) < time.Minute {
			t.Fatalf("%v: the clock was not set", by)
		}
		if _, err := m.Token(t.Context()); err != nil || wrongBy(c) > near {
			t.Errorf("%v: %v; it is %s here", by, err, c.Now())
		}
	}
}

func TestCertificatesThatAreNotBelieved(t *testing.T) {
	expired := secured(t, -48*time.Hour, -24*time.Hour)
	unknown := secured(t, -time.Minute, time.Hour)
	unknown.CAFile = newAuthority(t).file
	for name, d := range map[string]struct {
		profile config.Profile
		shift   time.Duration
		floor   time.Time
	}{
		"expired":                                {expired, 0, time.Time{}},
		"expired after the time that was kept":   {expired, in1970, time.Now().Add(-time.Hour)},
		"of another authority":                   {unknown, 0, time.Time{}},
		"of another authority, to a slow clock":  {unknown, in1970, time.Time{}},
		"of the right one, to a clock far ahead": {secured(t, -time.Minute, time.Hour), 48 * time.Hour, time.Time{}},
	} {
		c := clock.New(shifted(d.shift), d.floor)
		before := wrongBy(c)
		if _, err := New(d.profile, c).Token(t.Context()); !notGiven(err) || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: %v", name, err)
		}
		if after := wrongBy(c); (after-before).Abs() > near || !c.Floor().Equal(d.floor) {
			t.Errorf("%s: the clock was moved: %s", name, c.Now())
		}
	}
}
