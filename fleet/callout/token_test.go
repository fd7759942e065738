// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/callout/token"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// mint makes tokens with the issuer's own key, as somebody could who has stolen it; and worse ones.
type mint struct {
	t   *testing.T
	w   *callouttest.World
	key registry.SigningKey
}

func newMint(t *testing.T, w *callouttest.World) mint {
	t.Helper()
	keys, err := w.Issuer.Registry.SigningKeys(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.Directory.Set("press-07", callout.Allowed)
	return mint{t, w, keys[0]}
}

// with is a token of a device that is good but for what is changed; nil takes a claim away.
func (m mint) with(change map[string]any) string {
	return m.signed(m.key.ID, jose.ES256, m.key.Private, change)
}

func (m mint) signed(id string, algorithm jose.SignatureAlgorithm, key any, change map[string]any) string {
	m.t.Helper()
	now := time.Now()
	claims := map[string]any{
		"iss": m.w.Issuer.URL, "sub": "press-07", "aud": []string{contract.NATSAudience(m.w.Issuer.Plane)}, "iat": now.Unix(),
		"exp": now.Add(time.Minute).Unix(), contract.ClaimDevice: "press-07", contract.ClaimRoles: []string{"device"},
	}
	maps.Copy(claims, change)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", id))
	if err != nil {
		m.t.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		m.t.Fatal(err)
	}
	return text
}

type shown struct {
	text string
	want token.Reason // empty for one that is let in
	// unasked says that the server refuses it itself.
	unasked bool
}

// tokens are what is shown to a real server. Times have a second to spare: they are looked at a little later.
func (m mint) tokens() map[string]shown {
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	good := m.with(nil)
	parts := strings.Split(good, ".")
	pkix, err := x509.MarshalPKIXPublicKey(m.key.Private.Public())
	if err != nil {
		m.t.Fatal(err)
	}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"` + m.key.ID + `"}`))
	return map[string]shown{
		"a good one":                      {good, "", false},
		"none":                            {"", token.NoToken, false},
		"expired":                         {m.with(map[string]any{"exp": at(-time.Minute)}), token.Expired, false},
		"expired, within the skew":        {m.with(map[string]any{"exp": at(-token.Skew + 10*time.Second)}), "", false},
		"expired, at the edge":            {m.with(map[string]any{"exp": at(-token.Skew - time.Second)}), token.Expired, false},
		"without an end":                  {m.with(map[string]any{"exp": nil}), token.Expired, false},
		"not yet valid":                   {m.with(map[string]any{"nbf": at(token.Skew + 10*time.Second)}), token.NotYetValid, false},
		"not yet valid, within the skew":  {m.with(map[string]any{"nbf": at(token.Skew - time.Second)}), "", false},
		"for another audience":            {m.with(map[string]any{"aud": contract.NATSAudience(contract.NewPlaneID())}), token.WrongAudience, false},
		"of another issuer":               {m.with(map[string]any{"iss": "https://other.example"}), token.WrongIssuer, false},
		"without an algorithm":            {none + "." + parts[1] + ".", token.WrongAlgorithm, false},
		"the public key's HMAC":           {m.signed(m.key.ID, jose.HS256, pkix, nil), token.WrongAlgorithm, false},
		"of a key that is not known":      {m.signed("other", jose.ES256, m.key.Private, nil), token.UnknownKey, false},
		"without its signature":           {parts[0] + "." + parts[1] + ".", token.BadSignature, false},
		"with another's claims":           {parts[0] + "." + strings.Split(m.with(map[string]any{"device_id": "oven-11"}), ".")[1] + "." + parts[2], token.BadSignature, false},
		"without a role":                  {m.with(map[string]any{"roles": []string{}}), token.NoRole, false},
		"with the role of a static user":  {m.with(map[string]any{"roles": []string{"administrator"}}), token.NoRole, false},
		"of a device without an id":       {m.with(map[string]any{"device_id": nil}), token.BadDevice, false},
		"of a device that is all devices": {m.with(map[string]any{"device_id": "*"}), token.BadDevice, false},
		"of a megabyte":                   {strings.Repeat("x", 1<<20), token.TooLarge, true},
		"longer than a server reads":      {strings.Repeat("x", 5<<10), token.Malformed, true}, // max_control_line, 4 KiB by default
		"that is text":                    {strings.Repeat("x", 3<<10), token.Malformed, false},
	}
}

func TestTokensThatAreShownToARealServer(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	for name, c := range newMint(t, w).tokens() {
		before := w.Log.String()
		_, err := w.DialAs("press-07", c.text)
		if (err == nil) != (c.want == "") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.unasked {
			continue
		}
		verdict := c.want
		if verdict == "" {
			verdict = "ok"
		}
		soon(t, name+": the audit says "+string(verdict), func() bool {
			return strings.Contains(strings.TrimPrefix(w.Log.String(), before), `"verdict":"`+string(verdict)+`"`)
		})
	}
}

func TestAnIDTokenIsNoAccessToken(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	id := newMint(t, w).with(map[string]any{"roles": nil, "device_id": nil, "sub": "person:ann", "nonce": rand.Text()})
	if _, err := w.Dial(nats.Token(id)); !refused(err) {
		t.Error(err)
	}
}

func TestATokenOfOneDeviceIsThatDeviceAlone(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	key := w.Enrol("press-07")
	w.Enrol("oven-11")
	said, err := key.Sign("oven-11", w.Issuer.URL, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if answer := w.Issuer.Ask(said); answer.Token != "" {
		t.Error("a device gets the token of another")
	}
	violations := make(chan error, 1)
	conn, err := w.DialAs("press-07", w.Issuer.Token("press-07", key), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { violations <- err }))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(conn.Publish("fleet.state.oven-11", nil), conn.Flush()); err != nil {
		t.Fatal(err)
	}
	if err := <-violations; !errors.Is(err, nats.ErrPermissionViolation) {
		t.Error(err)
	}
}

func TestARevokedDeviceHasNoNewTokenAndTheOldOneIsDenied(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	key := w.Enrol("press-07")
	held := w.Issuer.Token("press-07", key)
	if _, err := w.Issuer.Registry.Revoke("press-07", time.Now()); err != nil {
		t.Fatal(err)
	}
	w.Directory.Set("press-07", callout.Revoked)
	soon(t, "the token that is held is denied", func() bool { _, err := w.DialAs("press-07", held); return refused(err) })
	if answer := w.Issuer.Ask(w.Issuer.Assertion("press-07", key)); answer.Token != "" {
		t.Error("a revoked device got a token")
	}
}

func TestTheIssuersKeysRotateUnderRunningCallouts(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(func(c *callout.Config) { c.Workers = 1 })
	key := w.Enrol("press-07")
	before := w.Issuer.Token("press-07", key)
	if err := w.Issuer.Rotate(time.Now()); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"from before": before, "of the new key": w.Issuer.Token("press-07", key)} {
		if _, err := w.DialAs("press-07", text); err != nil {
			t.Errorf("a token %s: %v", name, err)
		}
	}
}
