// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package token_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/callout/token"
	"nationtech.io/harmony/fleet/contract"
)

// provider publishes keys, and signs whatever a test wants.
type provider struct {
	*httptest.Server
	key     *ecdsa.PrivateKey
	keys    atomic.Pointer[jose.JSONWebKeySet]
	fetched atomic.Int32
	down    atomic.Bool
	name    atomic.Value
}

func newProvider(t testing.TB) *provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key}
	p.publish("k1")
	p.Server = httptest.NewServer(http.HandlerFunc(p.answer))
	p.name.Store(p.URL)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) publish(ids ...string) {
	set := &jose.JSONWebKeySet{}
	for _, id := range ids {
		set.Keys = append(set.Keys, jose.JSONWebKey{KeyID: id, Use: "sig", Algorithm: "ES256", Key: p.key.Public()})
	}
	p.keys.Store(set)
}

func (p *provider) answer(w http.ResponseWriter, r *http.Request) {
	if p.down.Load() {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	if r.URL.Path == "/keys" {
		p.fetched.Add(1)
		_ = json.NewEncoder(w).Encode(p.keys.Load())
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"issuer": p.name.Load(), "jwks_uri": p.URL + "/keys"})
}

func (p *provider) verifier() token.Verifier {
	return token.Verifier{Keys: &token.Keys{Issuer: p.URL, HTTP: http.DefaultClient}, Audience: "nats:x"}
}

func (p *provider) claims(now time.Time) map[string]any {
	return map[string]any{
		"iss": p.URL, "sub": "press-07", "aud": []string{"nats:x"}, "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nbf": now.Unix(),
		contract.ClaimDevice: "press-07", contract.ClaimRoles: []string{"device"},
	}
}

func (p *provider) sign(t testing.TB, id string, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: p.key}, (&jose.SignerOptions{}).WithHeader("kid", id))
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func reason(err error) token.Reason {
	var refused *token.Refused
	if errors.As(err, &refused) {
		return refused.Reason
	}
	return ""
}

var now = time.Now().Truncate(time.Second)

func TestClaims(t *testing.T) {
	p := newProvider(t)
	v := p.verifier()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for name, c := range map[string]struct {
		change map[string]any
		want   token.Reason
	}{
		"a device":                            {nil, ""},
		"one audience of several":             {map[string]any{"aud": []string{"a", "nats:x"}}, ""},
		"an audience that is no list":         {map[string]any{"aud": "nats:x"}, ""},
		"roles as Zitadel gives them":         {map[string]any{"roles": map[string]any{"device": map[string]any{"org": "x"}}}, ""},
		"a role beside that is unknown":       {map[string]any{"roles": []string{"x", "device"}}, ""},
		"expired within the skew":             {map[string]any{"exp": at(-29 * time.Second)}, ""},
		"expired":                             {map[string]any{"exp": at(-30 * time.Second)}, token.Expired},
		"without an end":                      {map[string]any{"exp": nil}, token.Expired},
		"not yet valid within the skew":       {map[string]any{"nbf": at(30 * time.Second)}, ""},
		"not yet valid":                       {map[string]any{"nbf": at(31 * time.Second)}, token.NotYetValid},
		"issued in the future":                {map[string]any{"iat": at(31 * time.Second)}, token.NotYetValid},
		"issued a little in the future":       {map[string]any{"iat": at(30 * time.Second)}, ""},
		"another issuer":                      {map[string]any{"iss": "https://other.example"}, token.WrongIssuer},
		"another audience":                    {map[string]any{"aud": "nats:y"}, token.WrongAudience},
		"no audience":                         {map[string]any{"aud": nil}, token.WrongAudience},
		"no subject":                          {map[string]any{"sub": ""}, token.NoSubject},
		"no role":                             {map[string]any{"roles": nil}, token.NoRole},
		"a role that is none":                 {map[string]any{"roles": []string{"administrator"}}, token.NoRole},
		"roles of another form":               {map[string]any{"roles": 7}, token.NoRole},
		"a device that is operator too":       {map[string]any{"roles": []string{"device", "operator"}}, token.NoRole},
		"a device without an id":              {map[string]any{"device_id": nil}, token.BadDevice},
		"a wildcard as id":                    {map[string]any{"device_id": "*"}, token.BadDevice},
		"two tokens of a subject as id":       {map[string]any{"device_id": "a.b"}, token.BadDevice},
		"everything as id":                    {map[string]any{"device_id": ">"}, token.BadDevice},
		"a list as id":                        {map[string]any{"device_id": []string{"press-07"}}, token.BadDevice},
		"an operator with the id of a device": {map[string]any{"roles": []string{"operator"}}, token.BadDevice},
	} {
		claims := p.claims(now)
		for name, v := range c.change {
			if claims[name] = v; v == nil {
				delete(claims, name)
			}
		}
		who, err := v.Verify(t.Context(), p.sign(t, "k1", claims), now)
		if got := reason(err); got != c.want || err == nil && (who.Device.String() != "press-07" || who.Role != contract.RoleDevice) {
			t.Errorf("%s: %q (%v), want %q; %+v", name, got, err, c.want, who)
		}
	}
}

func TestAKeyThatATokenBringsAlongIsNotBelieved(t *testing.T) {
	p := newProvider(t)
	v := p.verifier()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a token has its key fetched from where it says") }))
	defer elsewhere.Close()
	for name, options := range map[string]*jose.SignerOptions{
		"itself":               (&jose.SignerOptions{EmbedJWK: true}).WithHeader("kid", "k1"),
		"an address of a set":  (&jose.SignerOptions{}).WithHeader("kid", "k1").WithHeader("jku", elsewhere.URL),
		"one of a certificate": (&jose.SignerOptions{}).WithHeader("kid", "k1").WithHeader("x5u", elsewhere.URL),
	} {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: own, KeyID: "k1"}}, options)
		if err != nil {
			t.Fatal(err)
		}
		text, err := jwt.Signed(signer).Claims(p.claims(now)).Serialize()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), text, now); reason(err) != token.BadSignature {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheStrongerOfTwoRolesCounts(t *testing.T) {
	p := newProvider(t)
	claims := p.claims(now)
	maps.Copy(claims, map[string]any{"roles": []string{"reader", "operator"}, "sub": "person:ann"})
	delete(claims, "device_id")
	if who, err := p.verifier().Verify(t.Context(), p.sign(t, "k1", claims), now); err != nil || who.Role != contract.RoleOperator {
		t.Errorf("%+v, %v", who, err)
	}
}

// Everyone has a subject: it is the id of a device only for who has the role of one.
func TestWhereTheSubjectIsTheIdOfADeviceOthersComeInToo(t *testing.T) {
	p := newProvider(t)
	v := p.verifier()
	v.DeviceClaim = "sub"
	for role, device := range map[contract.Role]string{contract.RoleDevice: "press-07", contract.RoleOperator: "", contract.RoleReader: ""} {
		claims := p.claims(now)
		claims["roles"] = []string{string(role)}
		delete(claims, contract.ClaimDevice)
		if who, err := v.Verify(t.Context(), p.sign(t, "k1", claims), now); err != nil || who.Role != role || who.Device.String() != device {
			t.Errorf("%s: %+v, %v", role, who, err)
		}
	}
}

func TestAKeyThatIsNotKnownIsFetchedOnceAndNotOften(t *testing.T) {
	p := newProvider(t)
	v := p.verifier()
	good := p.sign(t, "k1", p.claims(now))
	if _, err := v.Verify(t.Context(), good, now); err != nil {
		t.Fatal(err)
	}
	p.publish("k1", "k2")
	fresh := p.sign(t, "k2", p.claims(now))
	if _, err := v.Verify(t.Context(), fresh, now.Add(11*time.Second)); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
	if n := p.fetched.Load(); n != 2 {
		t.Errorf("fetched %d times", n)
	}
	for range 100 {
		if _, err := v.Verify(t.Context(), p.sign(t, rand.Text(), p.claims(now)), now.Add(12*time.Second)); reason(err) != token.UnknownKey {
			t.Fatal(err)
		}
	}
	if n := p.fetched.Load(); n != 2 {
		t.Errorf("keys that were made up cost %d fetches", n-2)
	}
	p.down.Store(true)
	if _, err := v.Verify(t.Context(), p.sign(t, "k3", p.claims(now)), now.Add(time.Minute)); reason(err) != token.UnknownKey {
		t.Error(err)
	}
	if _, err := v.Verify(t.Context(), good, now.Add(time.Second)); err != nil {
		t.Errorf("the keys that are kept are lost: %v", err)
	}
	p.down.Store(false)
	p.publish("k2")
	if err := v.Keys.Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), good, now.Add(time.Second)); reason(err) != token.UnknownKey {
		t.Errorf("a key that was withdrawn is still good: %v", err)
	}
}

func TestProvidersThatAreNoGood(t *testing.T) {
	p := newProvider(t)
	fetch := func() error { return p.verifier().Keys.Fetch(t.Context()) }
	is := func(err error) bool {
		var d *diag.Diagnostic
		return errors.As(err, &d) && d.Code == diag.ProviderUnreachable
	}
	p.name.Store("https://other.example")
	if err := fetch(); !is(err) {
		t.Errorf("another answers: %v", err)
	}
	p.name.Store(p.URL)
	p.publish()
	if err := fetch(); !is(err) {
		t.Errorf("no keys: %v", err)
	}
	p.keys.Store(&jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{KeyID: "shared", Algorithm: "HS256", Key: []byte("a shared secret of 32 bytes.....")}}})
	if err := fetch(); !is(err) {
		t.Errorf("a shared secret: %v", err)
	}
	p.down.Store(true)
	v := p.verifier()
	if _, err := v.Verify(t.Context(), p.sign(t, "k1", p.claims(now)), now); reason(err) != token.KeysUnavailable {
		t.Errorf("nothing is known: %v", err)
	}
}

func TestATokenThatIsTooLongIsNotLookedAt(t *testing.T) {
	v := newProvider(t).verifier()
	for length, want := range map[int]token.Reason{0: token.NoToken, token.MaxToken: token.Malformed, token.MaxToken + 1: token.TooLarge, 1 << 20: token.TooLarge} {
		if _, err := v.Verify(t.Context(), strings.Repeat("x", length), now); reason(err) != want {
			t.Errorf("%d bytes: %v", length, err)
		}
	}
}

// FuzzVerify shows arbitrary texts: none is taken for a token of the provider, unless it is one.
func FuzzVerify(f *testing.F) {
	p := newProvider(f)
	v := p.verifier()
	good := p.sign(f, "k1", p.claims(now))
	if _, err := v.Verify(f.Context(), good, now); err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(good, ".")
	for _, seed := range []string{
		"", ".", "..", "...", good, good + ".", good[:len(good)-1], parts[0] + "." + parts[1] + ".", parts[0] + ".." + parts[2], "eyJhbGciOiJub25lIn0." + parts[1] + ".",
		strings.Repeat("a.", 100), strings.Repeat("x", token.MaxToken+1), "{\"payload\":\"\",\"signatures\":[]}", "\x00\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		who, err := v.Verify(t.Context(), text, now)
		if err == nil && (who.Device.String() != "press-07" || len(strings.Split(text, ".")) != 3) {
			t.Errorf("%q is %+v", text, who)
		}
		if err != nil && reason(err) == "" {
			t.Errorf("%q: %v has no reason", text, err)
		}
	})
}
