// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	loginLimit = 10 * time.Minute // for a person to sign in
	codeLimit  = time.Minute      // for a program to take its token for the code
)

// How many logins wait at once: of all, and of one network. For one more the oldest goes, so that nobody who begins and goes
// away keeps others out.
const (
	maxLogins          = 1000
	maxLoginsOfNetwork = 50
)

// maxAsked is how many bytes of a request to sign in are kept.
const maxAsked = 2 << 10

// login is somebody who is about to sign in. It lives in memory: after a restart, one signs in again.
type login struct {
	oidc.AuthRequest
	id       string
	network  string // it was begun from
	begun    time.Time
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

// add lets a login wait.
func (l *logins) add(made login) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, old := range l.byID {
		if made.begun.After(old.until) {
			delete(l.byID, id)
		}
	}
	l.makeRoom(maxLoginsOfNetwork, func(other login) bool { return other.network == made.network })
	l.makeRoom(maxLogins, func(login) bool { return true })
	l.byID[made.id] = made
}

// makeRoom drops the oldest of some logins, if there are as many as may be.
func (l *logins) makeRoom(most int, of func(login) bool) {
	var oldest login
	count := 0
	for _, other := range l.byID {
		if !of(other) {
			continue
		}
		if count++; count == 1 || other.begun.Before(oldest.begun) {
			oldest = other
		}
	}
	if count >= most {
		delete(l.byID, oldest.id)
	}
}

// networkKey is where Issuer.authorize leaves the network that a request is from.
type networkKey struct{}

// CreateAuthRequest refuses a request without PKCE, and one that says too much.
func (s *storage) CreateAuthRequest(ctx context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if r.CodeChallenge == "" || r.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with the method S256 is required")
	}
	asked, size := needed(r)
	if size > maxAsked {
		return nil, oidc.ErrInvalidRequest().WithDescription("a request to sign in has 2 KiB at most")
	}
	made := login{
		AuthRequest: asked, id: rand.Text(), begun: time.Now(), until: time.Now().Add(loginLimit), audience: append([]string{asked.ClientID}, s.audience()...),
	}
	made.network, _ = ctx.Value(networkKey{}).(string)
	s.logins.add(made)
	return &made, nil
}

// needed is what of a request is needed later, without hints and wishes, and how many bytes that are. It holds on to no memory
// of the request.
func needed(r *oidc.AuthRequest) (asked oidc.AuthRequest, size int) {
	own := func(text string) string { size += len(text); return strings.Clone(text) }
	asked = oidc.AuthRequest{
		ResponseType: oidc.ResponseType(own(string(r.ResponseType))), ResponseMode: oidc.ResponseMode(own(string(r.ResponseMode))),
		ClientID: own(r.ClientID), RedirectURI: own(r.RedirectURI), State: own(r.State), Nonce: own(r.Nonce),
		CodeChallenge: own(r.CodeChallenge), CodeChallengeMethod: oidc.CodeChallengeMethod(own(string(r.CodeChallengeMethod))),
	}
	for _, scope := range r.Scopes {
		asked.Scopes = append(asked.Scopes, own(scope))
	}
	return asked, size
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
