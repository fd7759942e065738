// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer"
	"nationtech.io/harmony/fleet/issuer/issuertest"
	"nationtech.io/harmony/secret"
)

const password = "correct horse battery"

const verifierText = "a-verifier-of-43-characters-or-more-0123456789"

func challenge() string {
	sum := sha256.Sum256([]byte(verifierText))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// browser keeps cookies, and stops where it would leave the issuer.
func browser(t *testing.T, i *issuertest.Issuer) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(to *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(to.URL.String(), i.URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

func withPerson(t *testing.T) (*issuertest.Issuer, *log) {
	t.Helper()
	said := new(log)
	i := issuertest.Start(t, said)
	if err := i.Registry.SetPerson("ann", []contract.Role{contract.RoleReader}, secret.New(password), time.Now()); err != nil {
		t.Fatal(err)
	}
	return i, said
}

func request(change url.Values) string {
	q := url.Values{
		"client_id": {issuer.PeopleClient}, "redirect_uri": {"http://127.0.0.1:45678/callback"}, "response_type": {"code"}, "scope": {"openid"},
		"state": {"s-1"}, "code_challenge": {challenge()}, "code_challenge_method": {"S256"},
	}
	for name, v := range change {
		q[name] = v
	}
	return "/authorize?" + q.Encode()
}

// begin goes to where a person signs in, and gives the id of that.
func begin(t *testing.T, i *issuertest.Issuer, with *http.Client) string {
	t.Helper()
	answer, err := with.Get(i.URL + request(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	id := answer.Request.URL.Query().Get("id")
	if answer.StatusCode != http.StatusOK || id == "" {
		t.Fatalf("%d at %s", answer.StatusCode, answer.Request.URL)
	}
	return id
}

func signIn(t *testing.T, i *issuertest.Issuer, with *http.Client, id, name, password string) (status int, to *url.URL) {
	t.Helper()
	answer, err := with.PostForm(i.URL+"/login", url.Values{"id": {id}, "name": {name}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	to, err = url.Parse(answer.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, to
}

func exchange(i *issuertest.Issuer, code, verifier string) issuertest.Answer {
	return i.Post(url.Values{
		"grant_type": {"authorization_code"}, "client_id": {issuer.PeopleClient}, "redirect_uri": {"http://127.0.0.1:45678/callback"},
		"code": {code}, "code_verifier": {verifier},
	})
}

func TestAPersonSignsIn(t *testing.T) {
	i, said := withPerson(t)
	with := browser(t, i)
	_, to := signIn(t, i, with, begin(t, i, with), "ann", password)
	code := to.Query().Get("code")
	if to.Host != "127.0.0.1:45678" || to.Query().Get("state") != "s-1" || code == "" {
		t.Fatalf("sent to %s", to)
	}
	answer := exchange(i, code, verifierText)
	if answer.Token == "" || answer.ID == "" {
		t.Fatalf("%+v", answer)
	}
	c := verified(t, i, answer.Token)
	if c.Subject != "person:ann" || c.Device != "" || !slices.Equal(c.Roles, []string{"reader"}) || !c.Audience.Contains(contract.NATSAudience(i.Plane)) {
		t.Errorf("%+v", c)
	}
	if id := verified(t, i, answer.ID); len(id.Roles) != 0 {
		t.Errorf("an ID token has roles: %+v", id)
	}
	if again := exchange(i, code, verifierText); again.Token != "" {
		t.Error("a code is good twice")
	}
	for what, hidden := range map[string]string{"the password": password, "the code": code, "the token": answer.Token} {
		if strings.Contains(said.String(), hidden) {
			t.Errorf("the log shows %s", what)
		}
	}
}

func TestACodeIsLostByAWrongVerifier(t *testing.T) {
	i, _ := withPerson(t)
	with := browser(t, i)
	_, to := signIn(t, i, with, begin(t, i, with), "ann", password)
	for _, verifier := range []string{strings.Repeat("x", 50), verifierText} {
		if answer := exchange(i, to.Query().Get("code"), verifier); answer.Token != "" {
			t.Errorf("%q got a token", verifier)
		}
	}
}

func TestRequestsToSignInThatAreRefused(t *testing.T) {
	i, _ := withPerson(t)
	for name, change := range map[string]url.Values{
		"no challenge": {"code_challenge": {""}}, "a plain challenge": {"code_challenge_method": {"plain"}}, "no method": {"code_challenge_method": {""}},
		"another client": {"client_id": {"other"}}, "an address elsewhere": {"redirect_uri": {"https://evil.example/callback"}},
		"another path": {"redirect_uri": {"http://127.0.0.1:1/other"}}, "a token at once": {"response_type": {"id_token token"}},
	} {
		answer, err := browser(t, i).Get(i.URL + request(change))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		to, err := url.Parse(answer.Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		if answer.Request.URL.Path == "/login" || answer.StatusCode == http.StatusFound && !strings.Contains(to.String(), "error=") || to.Host == "evil.example" {
			t.Errorf("%s: %d, sent to %s", name, answer.StatusCode, to)
		}
	}
}

func TestALoginBelongsToOneBrowser(t *testing.T) {
	i, _ := withPerson(t)
	victim, attacker := browser(t, i), browser(t, i)
	id := begin(t, i, attacker)
	shown, err := victim.Get(i.URL + "/login?id=" + id)
	if err != nil {
		t.Fatal(err)
	}
	defer shown.Body.Close()
	if shown.StatusCode != http.StatusBadRequest {
		t.Errorf("another's login is shown: %d", shown.StatusCode)
	}
	if status, _ := signIn(t, i, victim, id, "ann", password); status != http.StatusBadRequest {
		t.Errorf("another's login is finished: %d", status)
	}
	own := begin(t, i, victim)
	if status, to := signIn(t, i, victim, own, "ann", password); to.Query().Get("code") == "" {
		t.Fatalf("%d", status)
	}
	answer, err := attacker.Get(i.URL + "/authorize/callback?id=" + own)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("another browser fetches the code: %d, %s", answer.StatusCode, answer.Header.Get("Location"))
	}
}

func TestGuessingAPasswordIsSlow(t *testing.T) {
	i, said := withPerson(t)
	with := browser(t, i)
	id := begin(t, i, with)
	status := 0
	for n := 0; n < 10 && status != http.StatusTooManyRequests; n++ {
		status, _ = signIn(t, i, with, id, "ann", "wrong password")
	}
	if status != http.StatusTooManyRequests {
		t.Fatalf("guesses go on: %d", status)
	}
	if status, _ = signIn(t, i, with, id, "ann", password); status != http.StatusTooManyRequests {
		t.Errorf("the pause does not hold: %d", status)
	}
	if !strings.Contains(said.String(), "wrong name or password") {
		t.Errorf("the audit does not tell of it:\n%s", said.String())
	}
}
