// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// asks begins a login from an address, and gives its id; or how it was refused.
func asks(t *testing.T, i *Issuer, from string, change url.Values) (id string, refusal string) {
	t.Helper()
	q := url.Values{
		"client_id": {PeopleClient}, "redirect_uri": {"http://127.0.0.1:45678/callback"}, "response_type": {"code"}, "scope": {"openid"},
		"state": {"s-1"}, "code_challenge": {strings.Repeat("c", 43)}, "code_challenge_method": {"S256"},
	}
	for name, v := range change {
		q[name] = v
	}
	answer := do(t, i, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/authorize?"+q.Encode(), nil), from)
	to, err := url.Parse(answer.Header().Get("Location"))
	if err != nil || answer.Code != http.StatusFound {
		t.Fatalf("%d %s: %v", answer.Code, answer.Body, err)
	}
	return to.Query().Get("id"), to.Query().Get("error_description")
}

func do(t *testing.T, i *Issuer, asked *http.Request, from string) *httptest.ResponseRecorder {
	t.Helper()
	asked.RemoteAddr = net.JoinHostPort(from, "40000")
	answer := httptest.NewRecorder()
	i.Handler().ServeHTTP(answer, asked)
	return answer
}

// shown tells whether the page of a login is shown to a browser.
func shown(t *testing.T, i *Issuer, id, browser string) bool {
	t.Helper()
	asked := httptest.NewRequestWithContext(t.Context(), http.MethodGet, loginPath+"?id="+id, nil)
	asked.AddCookie(&http.Cookie{Name: cookieName, Value: browser})
	return do(t, i, asked, "192.0.2.7").Code == http.StatusOK
}

func TestWhoBeginsManyLoginsKeepsNobodyElseOut(t *testing.T) {
	i := newIssuer(t)
	browser := rand.Text()
	id, _ := asks(t, i, "192.0.2.7", nil)
	for n := range maxLogins + 10 {
		if id, why := asks(t, i, fmt.Sprintf("2001:db8::%x", n+1), nil); id == "" {
			t.Fatalf("login %d: %s", n, why)
		}
	}
	if !shown(t, i, id, browser) {
		t.Error("a login of another network is gone")
	}
	if n := len(i.storage.logins.byID); n != maxLoginsOfNetwork+1 {
		t.Errorf("%d logins wait", n)
	}
	for n := range maxLogins + 10 {
		asks(t, i, fmt.Sprintf("10.0.%d.%d", n/256, n%256), nil)
	}
	if n := len(i.storage.logins.byID); n != maxLogins {
		t.Errorf("%d logins wait", n)
	}
	if shown(t, i, id, browser) {
		t.Error("the oldest login is still there")
	}
	if id, why := asks(t, i, "192.0.2.7", nil); !shown(t, i, id, browser) {
		t.Errorf("nobody more comes in: %s", why)
	}
}

func TestOfARequestToSignInLittleIsKept(t *testing.T) {
	i := newIssuer(t)
	long := strings.Repeat("x", maxAsked)
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if id, why := asks(t, i, "192.0.2.7", url.Values{name: {long}}); id != "" || !strings.Contains(why, "2 KiB") {
			t.Errorf("a long %s: %q, %s", name, id, why)
		}
	}
	if id, why := asks(t, i, "192.0.2.7", url.Values{"scope": {strings.Repeat("openid ", 500)}}); id != "" || !strings.Contains(why, "2 KiB") {
		t.Errorf("many scopes: %q, %s", id, why)
	}
	id, _ := asks(t, i, "192.0.2.7", url.Values{"login_hint": {long}, "ui_locales": {"fr de"}, "acr_values": {long}, "prompt": {"login"}, "display": {"page"}, "nonce": {"n-1"}})
	kept := i.storage.logins.byID[id].AuthRequest
	if kept.State != "s-1" || kept.Nonce != "n-1" || len(kept.Scopes) != 1 {
		t.Errorf("what is needed is lost: %+v", kept)
	}
	if kept.LoginHint != "" || len(kept.ACRValues) > 0 || len(kept.UILocales) > 0 || len(kept.Prompt) > 0 || kept.Display != "" {
		t.Errorf("kept is %+v", kept)
	}
	if shown(t, i, id, long) && i.storage.logins.byID[id].browser == long {
		t.Error("a cookie of 2 KiB is kept")
	}
}

func TestWhatIsNoNameIsNotCounted(t *testing.T) {
	i := newIssuer(t)
	browser := rand.Text()
	id, _ := asks(t, i, "192.0.2.7", nil)
	signIn := func(name string) int {
		form := url.Values{"id": {id}, "name": {name}, "password": {"a wrong password"}}
		asked := httptest.NewRequestWithContext(t.Context(), http.MethodPost, loginPath, strings.NewReader(form.Encode()))
		asked.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		asked.AddCookie(&http.Cookie{Name: cookieName, Value: browser})
		return do(t, i, asked, "192.0.2.7").Code
	}
	for _, name := range []string{"", strings.Repeat("x", 60<<10), "two words", "../ann", "ann\x00"} {
		if got := signIn(name); got != http.StatusUnauthorized || len(i.limiter.failed) > 0 {
			t.Errorf("a name of %d bytes: %d, and %d are watched", len(name), got, len(i.limiter.failed))
		}
	}
	if got := signIn("ann"); got != http.StatusUnauthorized || len(i.limiter.failed) != 3 {
		t.Errorf("a name: %d, and %d are watched", got, len(i.limiter.failed))
	}
}

func TestHeadersHaveABound(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served, handler := make(chan error, 1), newIssuer(t).Handler()
	go func() { served <- serve(ctx, l, handler) }()
	for size, want := range map[int]int{1 << 10: http.StatusOK, 2 * maxHeader: http.StatusRequestHeaderFieldsTooLarge} {
		asked, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+oidc.DiscoveryEndpoint, nil)
		if err != nil {
			t.Fatal(err)
		}
		asked.Header.Set("X-Filling", strings.Repeat("x", size))
		answer, err := http.DefaultClient.Do(asked)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil || answer.StatusCode != want {
			t.Errorf("%d bytes: %d, %v", size, answer.StatusCode, err)
		}
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
