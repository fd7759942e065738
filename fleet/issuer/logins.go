// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	loginLimit = 10 * time.Minute // for a person to sign in
	codeLimit  = time.Minute      // for a program to take its token for the code
	maxLogins  = 1000             // at once; more are refused
)

// login is somebody who is about to sign in. It lives in memory: after a restart, one signs in again.
type login struct {
	oidc.AuthRequest
	id       string
	browser  string // the cookie of the one browser that may go on with it; empty until it came
	subject  string // empty until signed in
	audience []string
	signedIn time.Time
	until    time.Time
	code     string // good once; empty before it is signed in
}

var _ op.AuthRequest = (*login)(nil)

func (l *login) GetID() string          { return l.id }
func (*login) GetACR() string           { return "" }
func (*login) GetAMR() []string         { return []string{"pwd"} }
func (l *login) GetAudience() []string  { return l.audience }
func (l *login) GetAuthTime() time.Time { return l.signedIn }
func (l *login) GetClientID() string    { return l.ClientID }
func (l *login) GetNonce() string       { return l.Nonce }
func (l *login) GetScopes() []string    { return l.Scopes }
func (l *login) GetSubject() string     { return l.subject }
func (l *login) Done() bool             { return l.subject != "" }
func (l *login) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: l.CodeChallenge, Method: l.CodeChallengeMethod}
}

// logins are those who are about to sign in.
type logins struct {
	mu   sync.Mutex
	byID map[string]login
}

// change edits a login that has not expired, and gives it as it is then. It tells whether edit wanted it.
func (l *logins) change(id string, edit func(*login) bool) (login, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok := l.byID[id]
	if !ok || time.Now().After(found.until) {
		delete(l.byID, id)
		return login{}, false
	}
	if !edit(&found) {
		return login{}, false
	}
	l.byID[id] = found
	return found, true
}

// bind gives a login to the browser with that cookie, if no other has it: who was sent the address of someone else's
// login can neither finish it for them nor take its code.
func (l *logins) bind(id, browser string) bool {
	_, ok := l.change(id, func(found *login) bool {
		if found.browser == "" {
			found.browser = browser
		}
		return subtle.ConstantTimeCompare([]byte(found.browser), []byte(browser)) == 1
	})
	return ok
}

// signIn says who that is.
func (l *logins) signIn(id, subject string) bool {
	_, ok := l.change(id, func(found *login) bool {
		found.subject, found.signedIn = subject, time.Now()
		return true
	})
	return ok
}

// CreateAuthRequest refuses a request without PKCE, and more than can be waiting.
func (s *storage) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if r.CodeChallenge == "" || r.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with the method S256 is required")
	}
	made := login{
		AuthRequest: *r, id: rand.Text(), until: time.Now().Add(loginLimit), audience: append([]string{r.ClientID}, s.audience()...),
	}
	l := s.logins
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.byID) >= maxLogins {
		for id, old := range l.byID {
			if time.Now().After(old.until) {
				delete(l.byID, id)
			}
		}
	}
	if len(l.byID) >= maxLogins {
		return nil, oidc.ErrAccessDenied().WithDescription("too many are about to sign in")
	}
	l.byID[made.id] = made
	return &made, nil
}

func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	found, ok := s.logins.change(id, func(*login) bool { return true })
	if !ok {
		return nil, errUnknown
	}
	return &found, nil
}

// AuthRequestByCode gives a code's login, and takes the code: it is good once, also if what follows fails.
func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	l := s.logins
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, found := range l.byID {
		if found.code != "" && subtle.ConstantTimeCompare([]byte(found.code), []byte(code)) == 1 {
			delete(l.byID, id)
			if time.Now().After(found.until) {
				break
			}
			return &found, nil
		}
	}
	return nil, errUnknown
}

// SaveAuthCode gives a login its code, once.
func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	_, ok := s.logins.change(id, func(found *login) bool {
		first := found.code == ""
		found.code, found.until = code, time.Now().Add(codeLimit)
		return first
	})
	if !ok {
		return errUnknown
	}
	return nil
}

func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.logins.mu.Lock()
	defer s.logins.mu.Unlock()
	delete(s.logins.byID, id)
	return nil
}
