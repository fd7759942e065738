// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/callout/token"
)

// asker is a server with its keys, and the callout that it asks.
type asker struct {
	t                testing.TB
	server, curve    nkeys.KeyPair
	id, curveID      string
	signing, sealing string // the callout's public keys
	answerer         *answerer
	claims           *jwt.AuthorizationRequestClaims
	reply, serverKey string
	sealedFor        string
	unsealed         bool
	instead          []byte // sent sealed in place of the claims, if not nil
}

func pair(t testing.TB, create func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string, string) {
	t.Helper()
	p, err := create()
	if err != nil {
		t.Fatal(err)
	}
	public, err := p.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := p.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return p, public, string(seed)
}

func newAsker(t testing.TB) *asker {
	t.Helper()
	a := &asker{t: t, reply: Answers + "abc.def"}
	a.server, a.id, _ = pair(t, nkeys.CreateServer)
	a.curve, a.curveID, _ = pair(t, nkeys.CreateCurveKeys)
	_, signing, signingSeed := pair(t, nkeys.CreateAccount)
	_, sealing, sealingSeed := pair(t, nkeys.CreateCurveKeys)
	_, user, _ := pair(t, nkeys.CreateUser)
	file := filepath.Join(t.TempDir(), "seeds")
	if err := os.WriteFile(file, []byte(signingSeed+"\n"+sealingSeed+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := ReadKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	a.signing, a.sealing, a.sealedFor, a.serverKey = signing, sealing, sealing, a.curveID
	a.answerer = &answerer{verifier: token.Verifier{Keys: &token.Keys{Issuer: "https://issuer.example"}, Audience: "nats:x"}}
	a.answerer.keys.Store(&keys)
	c := jwt.NewAuthorizationRequestClaims(signing)
	c.Audience, c.UserNkey, c.Expires = askedAudience, user, time.Now().Add(time.Minute).Unix()
	c.Server = jwt.ServerID{Name: "n1", ID: a.id, XKey: a.curveID}
	c.ConnectOptions.Token = "no token"
	a.claims = c
	return a
}

func (a *asker) message() message {
	a.t.Helper()
	data := a.instead
	if data == nil {
		text, err := a.claims.Encode(a.server)
		if err != nil {
			a.t.Fatal(err)
		}
		data = []byte(text)
	}
	if !a.unsealed {
		var err error
		if data, err = a.curve.Seal(data, a.sealedFor); err != nil {
			a.t.Fatal(err)
		}
	}
	return message{a.reply, a.serverKey, data}
}

func TestWhoIsRefusedHasASealedAnswerForThatServerAlone(t *testing.T) {
	a := newAsker(t)
	data, o := a.answerer.answer(t.Context(), a.message(), time.Now())
	if o.dropped != nil || o.reason != token.Malformed {
		t.Fatalf("%+v", o)
	}
	text, err := a.curve.Open(data, a.sealing)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := jwt.DecodeAuthorizationResponseClaims(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if answer.Error != string(token.Malformed) || answer.Jwt != "" || answer.Audience != a.id || answer.Subject != a.claims.UserNkey || answer.Issuer != a.signing {
		t.Errorf("%+v", answer)
	}
}

func TestWhatIsNoQuestionIsDropped(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*asker)
		want   error
	}{
		"an answer to elsewhere":          {func(a *asker) { a.reply = "$JS.API.STREAM.DELETE.KV_desired-state" }, errElsewhere},
		"no answer wanted":                {func(a *asker) { a.reply = "" }, errElsewhere},
		"no key to seal for":              {func(a *asker) { a.serverKey = "" }, errOpen},
		"not sealed":                      {func(a *asker) { a.unsealed = true }, errOpen},
		"sealed for someone else":         {func(a *asker) { _, a.sealedFor, _ = pair(a.t, nkeys.CreateCurveKeys) }, errOpen},
		"another server's key":            {func(a *asker) { _, a.serverKey, _ = pair(a.t, nkeys.CreateCurveKeys) }, errOpen},
		"garbage":                         {func(a *asker) { a.instead = []byte("garbage") }, errNotAsked},
		"nothing":                         {func(a *asker) { a.instead = []byte{} }, errNotAsked},
		"too large":                       {func(a *asker) { a.instead = make([]byte, 200<<10) }, errTooLarge},
		"for another audience":            {func(a *asker) { a.claims.Audience = "x" }, errNotAsked},
		"in the name of another server":   {func(a *asker) { _, a.claims.Server.ID, _ = pair(a.t, nkeys.CreateServer) }, errNotAsked},
		"sealed by another than it names": {func(a *asker) { a.claims.Server.XKey = "" }, errNotAsked},
		"too late":                        {func(a *asker) { a.claims.Expires = time.Now().Add(-time.Minute).Unix() }, errLate},
		"of a key that is not ours":       {func(a *asker) { _, a.claims.Subject, _ = pair(a.t, nkeys.CreateAccount) }, errOtherKey},
		"for no user":                     {func(a *asker) { a.claims.UserNkey = a.signing }, errNotAsked},
	} {
		a := newAsker(t)
		c.change(a)
		if data, o := a.answerer.answer(t.Context(), a.message(), time.Now()); data != nil || !errors.Is(o.dropped, c.want) {
			t.Errorf("%s: %+v, answered %v", name, o, data != nil)
		}
	}
}

func TestServersThatAreMadeUpFillNoMemory(t *testing.T) {
	a := newAsker(t)
	sealing := a.answerer.keys.Load().sealing[0]
	for range maxServers + 10 {
		a.curve, a.serverKey, _ = pair(t, nkeys.CreateCurveKeys)
		if _, o := a.answerer.answer(t.Context(), a.message(), time.Now()); !errors.Is(o.dropped, errNotAsked) {
			t.Fatalf("%+v", o)
		}
	}
	if n := len(sealing.shared); n == 0 || n > maxServers {
		t.Errorf("%d servers are remembered", n)
	}
}

func TestSeedsThatCannotBeUsed(t *testing.T) {
	_, account, accountSeed := pair(t, nkeys.CreateAccount)
	_, _, curveSeed := pair(t, nkeys.CreateCurveKeys)
	_, _, userSeed := pair(t, nkeys.CreateUser)
	for name, text := range map[string]string{
		"nothing": "", "no account": curveSeed, "no curve key": accountSeed, "a public key": account + "\n" + curveSeed,
		"a user's seed": accountSeed + "\n" + curveSeed + "\n" + userSeed, "garbage": accountSeed + "\n" + curveSeed + "\nSAgarbage",
	} {
		file := filepath.Join(t.TempDir(), "seeds")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadKeys(file)
		var d *diag.Diagnostic
		if !errors.As(err, &d) || d.Code != diag.CalloutUnusable {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), accountSeed[:20]) {
			t.Errorf("%s: the error shows a seed", name)
		}
	}
}

func TestTheAuditLeavesOutWhatIsTooMuchAndSaysSo(t *testing.T) {
	a := new(audit)
	for i := range maxLines + 5 {
		if _, ok := a.may(1); ok != (i < maxLines) {
			t.Fatalf("line %d: %v", i, ok)
		}
	}
	if omitted, ok := a.may(2); !ok || omitted != 5 {
		t.Errorf("%d, %v", omitted, ok)
	}
}

// FuzzQuestion hands arbitrary bytes to a callout, sealed and not: it answers none of them, and stays whole.
func FuzzQuestion(f *testing.F) {
	a := newAsker(f)
	good, err := a.claims.Encode(a.server)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "garbage", "eyJhbGciOiJub25lIn0.e30.", good, good[:len(good)/2], good + ".", strings.Replace(good, ".", "..", 1), strings.Repeat("eyJ", 1000)} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, sealed bool) {
		if string(data) == good && sealed {
			return
		}
		b := *a
		b.t, b.instead, b.unsealed = t, data, !sealed
		if b.instead == nil {
			b.instead = []byte{}
		}
		if answer, o := b.answerer.answer(t.Context(), b.message(), time.Now()); answer != nil || o.dropped == nil {
			t.Errorf("%q is answered: %+v", data, o)
		}
	})
}

// FuzzWhatAClientShows lets a server ask about arbitrary clients, none of whom has a token: each is refused, with a reason.
func FuzzWhatAClientShows(f *testing.F) {
	a := newAsker(f)
	for _, seed := range []string{"", "no token", "eyJhbGciOiJub25lIn0.e30.", "harmony-fleet-agent press-07", "\x00\xff", "{}"} {
		f.Add(seed, "harmony-fleet-agent press-07", "", "127.0.0.1")
		f.Add("", seed, seed, seed)
	}
	f.Fuzz(func(t *testing.T, shown, name, user, host string) {
		claims := *a.claims
		claims.ConnectOptions.Token, claims.ConnectOptions.Name, claims.ConnectOptions.Username = shown, name, user
		claims.ClientInformation.Name, claims.ClientInformation.Host = name, host
		b := *a
		b.t, b.claims = t, &claims
		data, o := b.answerer.answer(t.Context(), b.message(), time.Now())
		switch {
		case o.dropped != nil && len(shown)+2*len(name)+len(user)+len(host) < maxQuestion/8:
			t.Errorf("%q, %q, %q, %q: it is dropped: %v", shown, name, user, host, o.dropped)
		case o.dropped == nil && (o.reason == "" || data == nil):
			t.Errorf("%q, %q, %q, %q: %+v", shown, name, user, host, o)
		}
	})
}
