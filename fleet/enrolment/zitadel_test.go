// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package enrolment_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/enrolment"
	"nationtech.io/harmony/score/zitadel/management"
	"nationtech.io/harmony/score/zitadel/zitadeltest"
	"nationtech.io/harmony/secret"
)

func made(t *testing.T) (assertion.Key, []byte) {
	t.Helper()
	key, text, err := assertion.NewRSA()
	if err != nil {
		t.Fatal(err)
	}
	return key, text
}

func public(t *testing.T, key assertion.Key) *rsa.PublicKey {
	t.Helper()
	block, _ := pem.Decode(key.Public())
	of, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return of.(*rsa.PublicKey)
}

// setUp is a Zitadel of a fleet, and how devices are enrolled there.
func setUp(t *testing.T, z *zitadeltest.Zitadel, fleet string) enrolment.Zitadel {
	t.Helper()
	key, text := made(t)
	project, id := z.Has(t, "enroller-"+fleet, public(t, key))
	key, err := assertion.Parse(text, id)
	if err != nil {
		t.Fatal(err)
	}
	return enrolment.Zitadel{
		URL: zitadeltest.Issuer, HTTP: &http.Client{Transport: z.Through()}, Fleet: fleet, Project: project,
		Scope: "openid urn:zitadel:iam:org:projects:roles urn:zitadel:iam:org:project:id:" + project + ":aud", Enroller: "enroller-" + fleet, Key: key,
	}
}

func device(t *testing.T, name string) contract.DeviceID {
	t.Helper()
	id, err := contract.ParseDeviceID(name)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func enrolled(t *testing.T, at enrolment.Provider, name string, key assertion.Key) enrolment.Machine {
	t.Helper()
	m, err := at.Enrol(t.Context(), device(t, name), key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// token asks as the agent does, with its key and what it was told.
func token(t *testing.T, at enrolment.Zitadel, m enrolment.Machine, private []byte) error {
	t.Helper()
	key, err := assertion.Parse(private, m.KeyID)
	if err != nil {
		t.Fatal(err)
	}
	said, err := key.Sign(m.Name, at.URL, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, err = management.Token(t.Context(), at.HTTP, at.URL, m.Name, secret.New(said), m.Scope)
	return err
}

func is(t *testing.T, err error, code diag.Code, text string) {
	t.Helper()
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != code || !strings.Contains(d.Error()+fmt.Sprint(d.Evidence, d.Cause), text) {
		t.Errorf("got %v, want %s with %q", err, code, text)
	}
}

func TestADeviceIsEnrolledAtAZitadelByItsPublicKeyOnce(t *testing.T) {
	z := zitadeltest.Start(t)
	at := setUp(t, z, "fleet")
	key, private := made(t)
	m := enrolled(t, at, "press-07", key)
	if m.Name != "press-07" || m.Scope != at.Scope || !slices.Equal(m.Keys, []string{m.KeyID}) {
		t.Errorf("%+v", m)
	}
	if err := token(t, at, m, private); err != nil {
		t.Error(err)
	}
	grants := 0
	for _, g := range z.Grants {
		if g["userId"] != "press-07" || g["projectId"] != at.Project || !slices.Equal(g["roleKeys"].([]any), []any{"device"}) {
			t.Errorf("%v", g)
		}
		grants++
	}
	if grants != 1 {
		t.Errorf("it has %d grants", grants)
	}
	before := len(z.Writes)
	if again := enrolled(t, at, "press-07", key); again.KeyID != m.KeyID || len(again.Keys) != 1 || len(z.Writes) != before {
		t.Errorf("again: %+v, %v", again, z.Writes[before:])
	}
	if strings.Contains(strings.Join(z.Writes, "\n"), "enroller") {
		t.Errorf("the enroller changed itself: %v", z.Writes)
	}
}

func TestAKeyThatIsTakenAwayIsGoodNoMore(t *testing.T) {
	z := zitadeltest.Start(t)
	at := setUp(t, z, "fleet")
	old, private := made(t)
	first := enrolled(t, at, "press-07", old)
	anew, private2 := made(t)
	second := enrolled(t, at, "press-07", anew)
	if len(second.Keys) != 2 || second.KeyID == first.KeyID {
		t.Fatalf("%+v", second)
	}
	for range 2 {
		if err := at.Retire(t.Context(), device(t, "press-07"), first.KeyID); err != nil {
			t.Fatal(err)
		}
	}
	is(t, token(t, at, first, private), diag.ZitadelRefuses, "unknown key")
	if err := token(t, at, second, private2); err != nil {
		t.Error(err)
	}
	if back := enrolled(t, at, "press-07", old); back.KeyID == first.KeyID || len(back.Keys) != 2 {
		t.Errorf("a key that comes back has %+v", back)
	}
	if err := at.Retire(t.Context(), device(t, "press-99"), "1"); err != nil {
		t.Errorf("a device that there is not: %v", err)
	}
}

// A key may be known at Zitadel, and what tells which it is not, when an enrolment is cut off.
func TestAnEnrolmentAtAZitadelThatWasCutOffIsDoneAgain(t *testing.T) {
	z := zitadeltest.Start(t)
	at := setUp(t, z, "fleet")
	key, private := made(t)
	first := enrolled(t, at, "press-07", key)
	clear(z.Metadata)
	again := enrolled(t, at, "press-07", key)
	if again.KeyID == first.KeyID || len(again.Keys) != 2 {
		t.Errorf("%+v", again)
	}
	if err := token(t, at, again, private); err != nil {
		t.Error(err)
	}
}

func TestWhatSomeoneChangedIsPutRightByAnEnrolment(t *testing.T) {
	z := zitadeltest.Start(t)
	at := setUp(t, z, "fleet")
	key, private := made(t)
	enrolled(t, at, "press-07", key)
	for _, g := range z.Grants {
		g["state"], g["roleKeys"] = "USER_GRANT_STATE_INACTIVE", []any{"operator"}
	}
	m := enrolled(t, at, "press-07", key)
	for _, g := range z.Grants {
		if g["state"] != "USER_GRANT_STATE_ACTIVE" || !slices.Equal(g["roleKeys"].([]any), []any{"device"}) {
			t.Errorf("%v", g)
		}
	}
	z.Users["press-07"]["state"] = "USER_STATE_INACTIVE"
	_, err := at.Enrol(t.Context(), device(t, "press-07"), key.Public())
	is(t, err, diag.ZitadelRefuses, "someone has deactivated it")
	is(t, token(t, at, m, private), diag.ZitadelRefuses, "not active")
}

func TestAZitadelIsGivenNoKeyThatItNeverVerifies(t *testing.T) {
	z := zitadeltest.Start(t)
	at := setUp(t, z, "fleet")
	curve, _, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	_, err = at.Enrol(t.Context(), device(t, "press-07"), curve.Public())
	is(t, err, diag.KeyNotTaken, "no RSA key")
	if len(z.Writes) != 0 {
		t.Errorf("written was %v", z.Writes)
	}
	own, _, err := at.NewKey()
	if err != nil || at.Takes(own.Public()) != nil {
		t.Errorf("it does not take the key that it makes: %v", err)
	}
}

func TestADeviceThatIsSomeoneElsesIsLeftAlone(t *testing.T) {
	z := zitadeltest.Start(t)
	at, other := setUp(t, z, "fleet"), setUp(t, z, "another")
	key, _ := made(t)
	m := enrolled(t, at, "press-07", key)
	_, err := other.Enrol(t.Context(), device(t, "press-07"), key.Public())
	is(t, err, diag.NotOurs, "does not show it in this organization")
	z.Users["press-07"]["machine"].(zitadeltest.Object)["description"] = "harmony fleet/zitadel-setup"
	_, err = at.Enrol(t.Context(), device(t, "press-07"), key.Public())
	is(t, err, diag.NotOurs, "harmony fleet/zitadel-setup")
	is(t, at.Retire(t.Context(), device(t, "press-07"), m.KeyID), diag.NotOurs, "harmony fleet/zitadel-setup")
	if z.Keys["press-07/"+m.KeyID] == nil {
		t.Error("the key is gone")
	}
}

func TestAnEnrollerThatMayNoMoreIsSaid(t *testing.T) {
	z := zitadeltest.Start(t)
	at := setUp(t, z, "fleet")
	key, _ := made(t)
	clear(z.Members)
	_, err := at.Enrol(t.Context(), device(t, "press-07"), key.Public())
	is(t, err, diag.ZitadelRefuses, "403")
	clear(z.Public)
	_, err = at.Enrol(t.Context(), device(t, "press-07"), key.Public())
	is(t, err, diag.ZitadelRefuses, "asked for a token")
	at.HTTP = &http.Client{}
	at.URL = "http://127.0.0.1:1"
	_, err = at.Enrol(t.Context(), device(t, "press-07"), key.Public())
	is(t, err, diag.ZitadelRefuses, "connection refused")
}
