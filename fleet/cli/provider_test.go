// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
	"nationtech.io/harmony/score/zitadel/management"
	"nationtech.io/harmony/score/zitadel/zitadeltest"
	"nationtech.io/harmony/secret"
)

// declares changes what the fleet says of how devices come in.
func declares(t *testing.T, s *session, of map[string]string) {
	t.Helper()
	var m corev1.ConfigMap
	if err := s.objects.Get(t.Context(), types.NamespacedName{Namespace: "fleet", Name: accessName}, &m); err != nil {
		t.Fatal(err)
	}
	for key, value := range of {
		m.Data[key] = value
	}
	if err := s.objects.Update(t.Context(), &m); err != nil {
		t.Fatal(err)
	}
}

// zitadels gives a session of a fleet that a Zitadel was set up for. It has no issuer.
func zitadels(t *testing.T) (*session, *zitadeltest.Zitadel) {
	t.Helper()
	s, _ := admitting(t)
	z := zitadeltest.Start(t)
	key, text, err := assertion.NewRSA()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(key.Public())
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	project, id := z.Has(t, "enroller-fleet", public.(*rsa.PublicKey))
	declares(t, s, map[string]string{
		"provider": contract.ProviderZitadel, "issuer-url": zitadeltest.Issuer, "issuer-ca.pem": "", "audience": project, "enroller": "enroller-fleet",
		"scope": "openid urn:zitadel:iam:org:projects:roles urn:zitadel:iam:org:project:id:" + project + ":aud", "enroller-secret": "its-key",
	})
	s.held = func(_ context.Context, name string) (map[string]secret.Value, error) {
		if name != "its-key" {
			return nil, nil
		}
		return map[string]secret.Value{enrollerKey: secret.New(string(text)), enrollerKeyID: secret.New(id)}, nil
	}
	s.outside = func(string) (http.RoundTripper, error) { return z.Through(), nil }
	s.issuer = func(context.Context) (admin.Client, error) {
		return admin.Client{}, diag.New(diag.IssuerMissing, "fleet fleet")
	}
	return s, z
}

// asks asks for a token as an agent does whose folder that is.
func asks(t *testing.T, z *zitadeltest.Zitadel, dir string) error {
	t.Helper()
	p := installed(t, dir).Profile
	key, err := p.Key()
	if err != nil {
		t.Fatal(err)
	}
	said, err := key.Sign(p.Machine, p.Issuer, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, err = management.Token(t.Context(), &http.Client{Transport: z.Through()}, p.Issuer, p.Machine, secret.New(said), p.Scope)
	return err
}

func TestADeviceIsEnrolledAtTheZitadelOfAFleet(t *testing.T) {
	s, z := zitadels(t)
	dir := filepath.Join(t.TempDir(), "press-07")
	said, err := enrols(t, s, dir, nil)
	if err != nil || !strings.Contains(said, "enrolled press-07 with the key ") || strings.Contains(said, "too; --replace") {
		t.Fatalf("%v:\n%s", err, said)
	}
	c := installed(t, dir)
	if c.Profile.Issuer != zitadeltest.Issuer || c.Profile.Machine != "press-07" || c.Profile.KeyID() == "" || !strings.Contains(c.Profile.Scope, ":aud") || c.Profile.CAFile != "" {
		t.Errorf("%+v", c.Profile)
	}
	if err := asks(t, z, dir); err != nil {
		t.Error(err)
	}
	device(t, s, "press-07")
	writes := len(z.Writes)
	again, err := enrols(t, s, dir, nil)
	if err != nil || strings.Contains(again, "written") || strings.Contains(again, "made") || len(z.Writes) != writes {
		t.Errorf("%v, %v:\n%s", err, z.Writes[writes:], again)
	}
	// A device that was made anew.
	anew := t.TempDir()
	said, err = enrols(t, s, anew, func(e *enrolling) { e.replace = true })
	if err != nil || !strings.Contains(said, "took the key "+c.Profile.KeyID()+" from it") {
		t.Fatalf("%v:\n%s", err, said)
	}
	if err := asks(t, z, anew); err != nil {
		t.Error(err)
	}
	is(t, asks(t, z, dir), diag.ZitadelRefuses, "unknown key")
}

func TestAKeyThatZitadelDoesNotTakeIsRefusedBeforeAnythingIsMade(t *testing.T) {
	s, z := zitadels(t)
	key, _, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	_, err = enrols(t, s, t.TempDir(), func(e *enrolling) { e.given = key.Public() })
	is(t, err, diag.KeyNotTaken, "no RSA key")
	if d, err := s.registered(t.Context(), "press-07"); d != nil || err != nil || len(z.Writes) != 0 {
		t.Errorf("%v, %v: %v", d, err, z.Writes)
	}
}

func TestAProviderAtWhichDevicesAreNotEnrolled(t *testing.T) {
	s, z := zitadels(t)
	_, err := s.asked(t.Context())
	is(t, err, diag.ProviderCannot, "the fleet's own issuer alone")
	err = s.makeToken(t.Context(), admin.JoinToken{Left: 1, Until: time.Now().Add(time.Hour)}, io.Discard, io.Discard)
	is(t, err, diag.ProviderCannot, "of the kind zitadel")
	declares(t, s, map[string]string{"enroller-secret": "another"})
	_, err = enrols(t, s, t.TempDir(), nil)
	is(t, err, diag.ProviderCannot, "no key of enroller-fleet in Secret/another")
	declares(t, s, map[string]string{"provider": "other"})
	_, err = enrols(t, s, t.TempDir(), nil)
	is(t, err, diag.ProviderCannot, "by hand")
	if len(z.Writes) != 0 {
		t.Errorf("written was %v", z.Writes)
	}
	// A fleet that was deployed before it said which kind it has.
	declares(t, s, map[string]string{"provider": ""})
	_, err = enrols(t, s, t.TempDir(), nil)
	is(t, err, diag.IssuerMissing, "")
}

func TestAProviderIsTrustedAsDevicesTrustIt(t *testing.T) {
	if _, err := outside("no certificate"); err == nil {
		t.Error("what is no certificate is trusted")
	}
	system, err := outside("")
	if err != nil || system.(*http.Transport).TLSClientConfig.RootCAs != nil {
		t.Errorf("%v: those of the system are not", err)
	}
}
