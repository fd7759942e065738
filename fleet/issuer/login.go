// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"crypto/rand"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/issuer/registry"
)

const (
	loginPath    = "/login"
	callbackPath = "/authorize/callback"
	cookieName   = "harmony-login"
)

// How many failures are free: of one name from one address, of one address, and of one name from anywhere. The last is
// the highest, so that nobody locks somebody else out soon.
const (
	freeOfBoth    = 5
	freeOfAddress = 20
	freeOfName    = 50
)

const unfit = "That name and password do not fit."

// hashing is how many passwords are looked at in one moment: each costs a processor a fifth of a second.
const hashing = 2

var loginPage = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in to the fleet</title>
<h1>Sign in to the fleet</h1>
{{with .Problem}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="` + loginPath + `">
<input type="hidden" name="id" value="{{.ID}}">
<p><label>Name <input name="name" autocomplete="username" required autofocus></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>Sign in</button></p>
</form></html>
`))

// authorize begins a login.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	from := context.WithValue(r.Context(), networkKey{}, network(address(r)))
	op.Authorize(w, r.WithContext(from), i.provider)
}

func (i *Issuer) showLogin(w http.ResponseWriter, r *http.Request) {
	browser := browserOf(r)
	if browser == "" {
		browser = rand.Text()
		http.SetCookie(w, &http.Cookie{
			Name: cookieName, Value: browser, Path: "/", HttpOnly: true, Secure: i.config.secure(), SameSite: http.SameSiteLaxMode,
			MaxAge: int(loginLimit.Seconds()),
		})
	}
	id := r.FormValue("id")
	if !i.storage.logins.bind(id, browser) {
		http.Error(w, "This sign-in has expired, or was begun in another browser. Begin anew.", http.StatusBadRequest)
		return
	}
	i.page(w, http.StatusOK, id, "")
}

// browserOf is empty for a cookie that showLogin did not make.
func browserOf(r *http.Request) string {
	cookie, err := r.Cookie(cookieName)
	if err != nil || len(cookie.Value) != len(rand.Text()) {
		return ""
	}
	return cookie.Value
}

func (i *Issuer) page(w http.ResponseWriter, status int, id, problem string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; form-action 'self' http://127.0.0.1:*")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	if err := loginPage.Execute(w, map[string]string{"ID": id, "Problem": problem}); err != nil {
		i.log.Warn("the page for signing in was not sent", "reason", err.Error())
	}
}

func (i *Issuer) signIn(w http.ResponseWriter, r *http.Request) {
	id, name, from := r.PostFormValue("id"), r.PostFormValue("name"), address(r)
	if browser := browserOf(r); browser == "" || !i.storage.logins.bind(id, browser) {
		http.Error(w, "This sign-in has expired, or was begun in another browser. Begin anew.", http.StatusBadRequest)
		return
	}
	if !registry.IsPersonName(name) { // which needs no counting, and would fill the books
		i.audit("sign-in", name, from, "no name")
		i.page(w, http.StatusUnauthorized, id, unfit)
		return
	}
	if pause := i.passwordPause(name, from); pause > 0 {
		i.audit("sign-in", name, from, "too many failures")
		w.Header().Set("Retry-After", strconv.Itoa(int(pause.Seconds())+1))
		i.page(w, http.StatusTooManyRequests, id, fmt.Sprintf("Too many failures. Try again in %d s.", int(pause.Seconds())+1))
		return
	}
	good, err := i.password(r, name)
	switch {
	case err != nil:
		i.log.Error("a password was not looked at", "reason", err.Error())
		http.Error(w, "This did not work. Try again.", http.StatusInternalServerError)
	case !good:
		i.passwordFailed(name, from)
		i.audit("sign-in", name, from, "wrong name or password")
		i.page(w, http.StatusUnauthorized, id, unfit)
	case !i.storage.logins.signIn(id, personSubject+name):
		http.Error(w, "This sign-in has expired. Begin anew.", http.StatusBadRequest)
	default:
		i.limiter.forget("both " + network(from) + " " + name)
		i.audit("sign-in", name, from, "signed in")
		http.Redirect(w, r, callbackPath+"?id="+template.URLQueryEscaper(id), http.StatusSeeOther)
	}
}

// password looks at few passwords at once.
func (i *Issuer) password(r *http.Request, name string) (bool, error) {
	select {
	case i.hashing <- struct{}{}:
		defer func() { <-i.hashing }()
	case <-r.Context().Done():
		return false, diag.Ended(r.Context())
	}
	return i.registry.SignIn(name, r.PostFormValue("password"))
}

func (i *Issuer) passwordPause(name, from string) time.Duration {
	now, from := time.Now(), network(from)
	return max(i.limiter.pause("both "+from+" "+name, now), i.limiter.pause("address "+from, now), i.limiter.pause("name "+name, now))
}

func (i *Issuer) passwordFailed(name, from string) {
	now, from := time.Now(), network(from)
	i.limiter.note("both "+from+" "+name, freeOfBoth, now)
	i.limiter.note("address "+from, freeOfAddress, now)
	i.limiter.note("name "+name, freeOfName, now)
}

// ownBrowser lets a code be fetched by the browser that signed in alone.
func (i *Issuer) ownBrowser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if browser := browserOf(r); browser == "" || !i.storage.logins.bind(r.FormValue("id"), browser) {
			http.Error(w, "This sign-in has expired, or was begun in another browser. Begin anew.", http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// address is that of whoever asks, as the connection says it; what headers say is not believed.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
