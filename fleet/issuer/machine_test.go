// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/issuertest"
)

// log collects what an issuer logs.
type log struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func get(t *testing.T, address string, into any) int {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		t.Fatalf("%s: %d, %v", address, answer.StatusCode, err)
	}
	return answer.StatusCode
}

type claims struct {
	jwt.Claims
	Device string   `json:"device_id"`
	Roles  []string `json:"roles"`
}

// verified reads a token with the keys that the issuer publishes.
func verified(t *testing.T, i *issuertest.Issuer, token string) (c claims) {
	t.Helper()
	var keys jose.JSONWebKeySet
	get(t, i.URL+"/keys", &keys)
	read, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	found := keys.Key(read.Headers[0].KeyID)
	if len(found) != 1 {
		t.Fatalf("%d keys of that id are published", len(found))
	}
	if err := read.Claims(found[0].Key, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestADeviceGetsATokenForAnAssertion(t *testing.T) {
	var said log
	i := issuertest.Start(t, &said)
	key := i.Enrol("press-07", contract.RoleDevice)
	shown := i.Assertion("press-07", key)
	answer := i.Ask(shown)
	if answer.Status != http.StatusOK || answer.Seconds < 590 || answer.Seconds > 600 {
		t.Fatalf("%+v", answer)
	}
	c := verified(t, i, answer.Token)
	if c.Issuer != i.URL || c.Subject != "press-07" || c.Device != "press-07" || !slices.Equal(c.Roles, []string{"device"}) ||
		!slices.Equal(c.Audience, jwt.Audience{"nats:" + i.Plane.String()}) || time.Until(c.Expiry.Time()) > 10*time.Minute {
		t.Errorf("%+v", c)
	}
	for what, hidden := range map[string]string{"the assertion": shown, "the token": answer.Token} {
		if strings.Contains(said.String(), hidden[strings.LastIndex(hidden, ".")+1:]) {
			t.Errorf("the log shows %s:\n%s", what, said.String())
		}
	}
	if !strings.Contains(said.String(), `"who":"press-07"`) || !strings.Contains(said.String(), "issued") {
		t.Errorf("the audit does not tell of it:\n%s", said.String())
	}
}

// forged makes an assertion as anyone may: with any header and claims.
func forged(t *testing.T, header, body map[string]any, sign func([]byte) []byte) string {
	t.Helper()
	h, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	said := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(b)
	return said + "." + base64.RawURLEncoding.EncodeToString(sign([]byte(said)))
}

// signer is a device whose private key the test holds too.
type signer struct {
	t       *testing.T
	private *ecdsa.PrivateKey
	key     assertion.Key
}

func newSigner(t *testing.T) signer {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := assertion.Parse(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "")
	if err != nil {
		t.Fatal(err)
	}
	return signer{t, private, key}
}

func (s signer) es256(said []byte) []byte {
	sum := sha256.Sum256(said)
	a, b, err := ecdsa.Sign(rand.Reader, s.private, sum[:])
	if err != nil {
		s.t.Fatal(err)
	}
	both := make([]byte, 64)
	a.FillBytes(both[:32])
	b.FillBytes(both[32:])
	return both
}

// hs256 takes the public key for a shared secret.
func (s signer) hs256(said []byte) []byte {
	m := hmac.New(sha256.New, s.key.Public())
	m.Write(said)
	return m.Sum(nil)
}

type badAssertion struct {
	header, body map[string]any
	sign         func([]byte) []byte
	why          string
}

func (s signer) badAssertions(now time.Time) map[string]badAssertion {
	times := func(issued, expires time.Duration) map[string]any {
		return map[string]any{"iat": now.Add(issued).Unix(), "exp": now.Add(expires).Unix()}
	}
	unsigned := func([]byte) []byte { return nil }
	return map[string]badAssertion{
		"expired":               {nil, times(-2*time.Minute, -time.Minute), s.es256, "clock"},
		"a clock 61 min behind": {nil, times(-61*time.Minute, -60*time.Minute), s.es256, "clock"},
		"a clock of 1970":       {nil, map[string]any{"iat": 60, "exp": 120}, s.es256, "clock"},
		"a clock a minute fast": {nil, times(time.Minute, 2*time.Minute), s.es256, "clock"},
		"no time":               {nil, map[string]any{"iat": nil}, s.es256, "clock"},
		"good for an hour":      {nil, times(0, time.Hour), s.es256, "minute"},
		"no id":                 {nil, map[string]any{"jti": nil}, s.es256, "jti"},
		"a long id":             {nil, map[string]any{"jti": strings.Repeat("x", 300)}, s.es256, "jti"},
		"another issuer":        {nil, map[string]any{"aud": "https://other.example"}, s.es256, "no machine"},
		"another's subject":     {nil, map[string]any{"sub": "oven-11"}, s.es256, "no machine"},
		"another's name":        {nil, map[string]any{"iss": "oven-11", "sub": "oven-11"}, s.es256, "no machine"},
		"nobody's name":         {nil, map[string]any{"iss": "nobody", "sub": "nobody"}, s.es256, "no machine"},
		"another key id":        {map[string]any{"kid": "x"}, nil, s.es256, "no machine"},
		"no algorithm":          {map[string]any{"alg": "none"}, nil, unsigned, "no machine"},
		"the public key's HMAC": {map[string]any{"alg": "HS256"}, nil, s.hs256, "no machine"},
		"no signature":          {nil, nil, unsigned, "no machine"},
		"another signature":     {nil, nil, func([]byte) []byte { return make([]byte, 64) }, "no machine"},
	}
}

func TestAssertionsThatAreRefused(t *testing.T) {
	i := issuertest.Start(t, new(log))
	s := newSigner(t)
	enrolWith(t, i, "press-07", s.key)
	i.Enrol("oven-11", contract.RoleDevice)
	now := time.Now()
	for name, c := range s.badAssertions(now) {
		header := map[string]any{"alg": "ES256", "kid": s.key.ID, "typ": "JWT"}
		body := map[string]any{"iss": "press-07", "sub": "press-07", "aud": i.URL, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "jti": rand.Text()}
		merge(header, c.header)
		merge(body, c.body)
		answer := i.Ask(forged(t, header, body, c.sign))
		if answer.Status != http.StatusBadRequest || answer.Error != "invalid_grant" || !strings.Contains(answer.Why, c.why) || answer.Token != "" {
			t.Errorf("%s: %+v", name, answer)
		}
		if at, err := http.ParseTime(answer.Date); err != nil || time.Since(at) > time.Minute {
			t.Errorf("%s: the answer's Date is %q", name, answer.Date)
		}
	}
	for _, skew := range []time.Duration{-40 * time.Second, 3 * time.Second} {
		said, err := s.key.Sign("press-07", i.URL, time.Now().Add(skew))
		if err != nil {
			t.Fatal(err)
		}
		if answer := i.Ask(said); answer.Token == "" {
			t.Errorf("a clock that is %v wrong: %+v", skew, answer)
		}
	}
}

func merge(into, from map[string]any) {
	for name, v := range from {
		if into[name] = v; v == nil {
			delete(into, name)
		}
	}
}

func TestWhatAnAssertionSaysOfRightsIsNotTaken(t *testing.T) {
	i := issuertest.Start(t, new(log))
	s := newSigner(t)
	enrolWith(t, i, "press-07", s.key)
	now := time.Now()
	answer := i.Ask(forged(t, map[string]any{"alg": "ES256", "kid": s.key.ID, "typ": "JWT"}, map[string]any{
		"iss": "press-07", "sub": "press-07", "aud": i.URL, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "jti": rand.Text(),
		contract.ClaimDevice: "oven-11", contract.ClaimRoles: []string{"operator"}, "scope": "operator",
	}, s.es256))
	if answer.Token == "" {
		t.Fatalf("%+v", answer)
	}
	if c := verified(t, i, answer.Token); c.Device != "press-07" || !slices.Equal(c.Roles, []string{"device"}) || c.Subject != "press-07" {
		t.Errorf("%+v", c)
	}
}

func TestAnAssertionOfAMegabyteIsNotLookedAt(t *testing.T) {
	i := issuertest.Start(t, new(log))
	if answer := i.Ask(strings.Repeat("x", 1<<20)); answer.Status != http.StatusBadRequest || answer.Token != "" {
		t.Errorf("%+v", answer)
	}
}

func TestAnAssertionIsGoodOnce(t *testing.T) {
	i := issuertest.Start(t, new(log))
	said := i.Assertion("press-07", i.Enrol("press-07", contract.RoleDevice))
	if first := i.Ask(said); first.Token == "" {
		t.Fatalf("%+v", first)
	}
	if second := i.Ask(said); second.Token != "" || !strings.Contains(second.Why, "used before") {
		t.Errorf("%+v", second)
	}
}

func TestARevokedMachineIsToldSo(t *testing.T) {
	i := issuertest.Start(t, new(log))
	key := i.Enrol("press-07", contract.RoleDevice)
	if _, err := i.Registry.Revoke("press-07", time.Now()); err != nil {
		t.Fatal(err)
	}
	if answer := i.Ask(i.Assertion("press-07", key)); answer.Token != "" || !strings.Contains(answer.Why, "revoked") {
		t.Errorf("%+v", answer)
	}
}

func TestAFormInTheAddressIsRefused(t *testing.T) {
	i := issuertest.Start(t, new(log))
	said := i.Assertion("press-07", i.Enrol("press-07", contract.RoleDevice))
	form := url.Values{"grant_type": {assertion.GrantType}, "assertion": {said}}
	answer, err := http.Post(i.URL+"/oauth/token?"+form.Encode(), "application/x-www-form-urlencoded", strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", answer.StatusCode)
	}
}

func TestAMachineWithASecret(t *testing.T) {
	var said log
	i := issuertest.Start(t, &said)
	i.Enrol("control", contract.RoleOperator)
	i.Enrol("press-07", contract.RoleDevice)
	made, err := i.Registry.NewSecret("control")
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"control"}, "client_secret": {made.Reveal()}}
	answer := i.Post(form)
	if answer.Token == "" {
		t.Fatalf("%+v", answer)
	}
	if c := verified(t, i, answer.Token); c.Subject != "control" || c.Device != "" || !slices.Equal(c.Roles, []string{"operator"}) {
		t.Errorf("%+v", c)
	}
	for name, change := range map[string][2]string{
		"another secret": {"client_secret", "x"}, "no secret": {"client_secret", ""}, "who has none": {"client_id", "press-07"}, "nobody": {"client_id", "nobody"},
	} {
		bad := url.Values{"grant_type": {"client_credentials"}, "client_id": {"control"}, "client_secret": {made.Reveal()}}
		bad.Set(change[0], change[1])
		if answer := i.Post(bad); answer.Token != "" || answer.Status != http.StatusUnauthorized {
			t.Errorf("%s: %+v", name, answer)
		}
	}
	if _, err := i.Registry.Revoke("control", time.Now()); err != nil {
		t.Fatal(err)
	}
	if answer := i.Post(form); answer.Token != "" {
		t.Error("a revoked machine got a token")
	}
	for range 30 {
		answer = i.Post(url.Values{"grant_type": {"client_credentials"}, "client_id": {"control"}, "client_secret": {"guess"}})
	}
	if !strings.Contains(answer.Why, "too many failures") {
		t.Errorf("guessing goes on: %+v", answer)
	}
	if strings.Contains(said.String(), made.Reveal()) {
		t.Error("the log shows the secret")
	}
}

func TestKeysRotateAndOldTokensStayGood(t *testing.T) {
	i := issuertest.Start(t, new(log))
	key := i.Enrol("press-07", contract.RoleDevice)
	before := i.Token("press-07", key)
	if err := i.Rotate(time.Now()); err != nil {
		t.Fatal(err)
	}
	after := i.Token("press-07", key)
	verified(t, i, before)
	verified(t, i, after)
	if headOf(before) == headOf(after) {
		t.Error("the new key does not sign")
	}
}

func headOf(token string) string { head, _, _ := strings.Cut(token, "."); return head }

func TestDiscoverySaysWhatThereIs(t *testing.T) {
	i := issuertest.Start(t, new(log))
	var d map[string]any
	get(t, i.URL+"/.well-known/openid-configuration", &d)
	if d["issuer"] != i.URL || d["jwks_uri"] != i.URL+"/keys" || d["token_endpoint"] != i.URL+"/oauth/token" {
		t.Errorf("%v", d)
	}
	if got := fmt.Sprint(d["grant_types_supported"], d["response_types_supported"], d["code_challenge_methods_supported"]); got !=
		"[authorization_code client_credentials urn:ietf:params:oauth:grant-type:jwt-bearer] [code] [S256]" {
		t.Error(got)
	}
	for name := range d {
		if strings.Contains(name, "introspection") || strings.Contains(name, "revocation") || strings.Contains(name, "userinfo") || strings.Contains(name, "end_session") {
			t.Errorf("it tells of %s: %v", name, d[name])
		}
	}
	var health map[string]string
	if status := get(t, i.URL+"/healthz", &health); status != http.StatusOK {
		t.Errorf("health is %d", status)
	}
}
