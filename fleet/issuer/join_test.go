// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
	"nationtech.io/harmony/fleet/issuer/issuertest"
	"nationtech.io/harmony/fleet/issuer/registry"
)

const joinToken = "a-token"

// offers makes a token.
func offers(t *testing.T, i *issuertest.Issuer, change func(*registry.JoinToken)) {
	t.Helper()
	made := registry.JoinToken{
		ID: registry.TokenID(joinToken), Left: 3, Until: time.Now().Add(time.Hour), Access: contract.Access{NATS: []string{"tls://nats.example:4222"}},
	}
	if change != nil {
		change(&made)
	}
	if _, err := i.Registry.AddJoinToken(made, time.Now()); err != nil {
		t.Fatal(err)
	}
}

// posts sends a body, and gives what is answered.
func posts(t *testing.T, address, token string, body []byte) (status int, text string) {
	t.Helper()
	asked, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	asked.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(data)
}

func newKeyOf(t *testing.T) assertion.Key {
	t.Helper()
	key, _, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// asks is what a device says, with the assertion that is given.
func asks(t *testing.T, key assertion.Key, said string, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	body, err := contract.JoinRequest{Assertion: said, Key: string(key.Public())}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestWhatAHostileDeviceSaysToJoinIsRefused(t *testing.T) {
	i := issuertest.Start(t, io.Discard)
	offers(t, i, nil)
	mine, other := newKeyOf(t), newKeyOf(t)
	now, at := time.Now(), i.URL+contract.JoinPath
	said := func(said string, err error) []byte { return asks(t, mine, said, err) }
	good := said(mine.Endorse("press-07", at, mine.ID, now))
	for name, c := range map[string]struct {
		body   []byte
		status int
		why    string
	}{
		"nothing":                         {nil, http.StatusBadRequest, "refused"},
		"a field that is not known":       {[]byte(strings.Replace(string(good), `{`, `{"role":"operator",`, 1)), http.StatusBadRequest, "role"},
		"too much":                        {[]byte(strings.Repeat(" ", contract.MaxJoin+1)), http.StatusBadRequest, "at most"},
		"no key":                          {[]byte(`{"assertion":"a","key":"b","facts":{}}`), http.StatusBadRequest, "PUBLIC KEY"},
		"facts that move the cursor":      {[]byte(strings.Replace(string(good), `"facts":{`, `"facts":{"hostname":"\u001b[2J"`, 1)), http.StatusBadRequest, "printed"},
		"signed by another key":           {said(other.Endorse("press-07", at, mine.ID, now)), http.StatusBadRequest, "has that key"},
		"an assertion for a token":        {said(mine.Sign("press-07", i.URL, now)), http.StatusBadRequest, "another issuer"},
		"an assertion for another issuer": {said(mine.Endorse("press-07", "https://other.example/join", mine.ID, now)), http.StatusBadRequest, "another issuer"},
		"one that speaks of another key":  {said(mine.Endorse("press-07", at, other.ID, now)), http.StatusForbidden, "another key"},
		"one of yesterday":                {said(mine.Endorse("press-07", at, mine.ID, now.Add(-24*time.Hour))), http.StatusBadRequest, "clock"},
		"a name that is none":             {said(mine.Endorse("../Press", at, mine.ID, now)), http.StatusBadRequest, "invalid_request"},
	} {
		status, text := posts(t, at, joinToken, c.body)
		if status != c.status || !strings.Contains(text, c.why) {
			t.Errorf("%s: %d %s, want %d with %q", name, status, text, c.status, c.why)
		}
	}
	if list, err := i.Registry.Joins(); err != nil || len(list) != 0 {
		t.Errorf("%v: %+v", err, list)
	}
	status, text := posts(t, at, joinToken, good)
	if answer, err := contract.DecodeJoinAnswer([]byte(text)); status != http.StatusOK || err != nil || answer.Standing != contract.JoinPending || len(answer.Access.NATS) != 0 {
		t.Errorf("%d, %v: %s", status, err, text)
	}
}

func TestATokenIsNotGuessed(t *testing.T) {
	i := issuertest.Start(t, io.Discard)
	offers(t, i, nil)
	at := i.URL + contract.JoinPath
	before := newKeyOf(t)
	first, err := before.Endorse("press-06", at, before.ID, time.Now())
	if status, text := posts(t, at, joinToken, asks(t, before, first, err)); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	for n := range 20 {
		key := newKeyOf(t)
		said, err := key.Endorse("press-07", at, key.ID, time.Now())
		if status, text := posts(t, at, fmt.Sprint("guess ", n), asks(t, key, said, err)); status != http.StatusForbidden {
			t.Fatalf("%d %s", status, text)
		}
	}
	key := newKeyOf(t)
	said, err := key.Endorse("press-07", at, key.ID, time.Now())
	status, text := posts(t, at, joinToken, asks(t, key, said, err))
	if status != http.StatusTooManyRequests || !strings.Contains(text, "too many failures") {
		t.Errorf("guessing goes on: %d %s", status, text)
	}
	// Nobody who is known waits for a guesser with the same address.
	said, err = before.Endorse("press-06", at, before.ID, time.Now())
	if status, text := posts(t, at, "", asks(t, before, said, err)); status != http.StatusOK {
		t.Errorf("who has asked before: %d %s", status, text)
	}
	enrolled, next := i.Enrol("press-05", contract.RoleDevice), newKeyOf(t)
	said, err = enrolled.Endorse("press-05", i.URL+contract.RotatePath, next.ID, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	body, err := contract.RotateRequest{Assertion: said, Key: string(next.Public())}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if status, text := posts(t, i.URL+contract.RotatePath, "", body); status != http.StatusOK {
		t.Errorf("who changes its key: %d %s", status, text)
	}
	if status, _ := posts(t, i.URL+contract.RotatePath, "", body); status != http.StatusTooManyRequests {
		t.Errorf("who says it again: %d", status)
	}
}

func TestATokenIsUsedUpByAsManyDevicesAsItIsFor(t *testing.T) {
	i := issuertest.Start(t, io.Discard)
	offers(t, i, func(made *registry.JoinToken) { made.Left = 1 })
	at := i.URL + contract.JoinPath
	bodies := make([][]byte, 8)
	for n := range bodies {
		key := newKeyOf(t)
		said, err := key.Endorse(fmt.Sprint("press-", n), at, key.ID, time.Now())
		bodies[n] = asks(t, key, said, err)
	}
	statuses := make(chan int, len(bodies))
	for _, body := range bodies {
		go func() {
			status, _ := posts(t, at, joinToken, body)
			statuses <- status
		}()
	}
	let := 0
	for range bodies {
		if <-statuses == http.StatusOK {
			let++
		}
	}
	if let != 1 {
		t.Errorf("%d devices asked with a token for one", let)
	}
}

func TestAnAdministratorAnswersDevicesAndTakesTokensAway(t *testing.T) {
	i, a, said := administrated(t)
	made, err := a.AddJoinToken(t.Context(), admin.JoinToken{
		ID: registry.TokenID(joinToken), Left: 2, Until: time.Now().Add(time.Hour), Access: contract.Access{NATS: []string{"tls://nats.example:4222"}},
	})
	if err != nil || made.Made.IsZero() {
		t.Fatalf("%v: %+v", err, made)
	}
	key := newKeyOf(t)
	answered(t, i, key)
	if _, err := a.AddJoinToken(t.Context(), admin.JoinToken{ID: made.ID, Left: 2, Until: made.Until, Access: made.Access}); err != nil {
		t.Fatal(err)
	}
	if list, err := a.JoinTokens(t.Context()); err != nil || len(list) != 1 || list[0].Left != 1 {
		t.Errorf("a token that is made again is not filled up again: %v: %+v", err, list)
	}
	if err := a.Deny(t.Context(), "press-07", admin.Approval{Key: key.ID}); err != nil {
		t.Fatal(err)
	}
	if answer := answered(t, i, key); answer.Standing != contract.JoinDenied || !answer.Plane.IsZero() {
		t.Errorf("%+v", answer)
	}
	// Somebody has thought better of it.
	if err := a.Approve(t.Context(), "press-07", admin.Approval{Key: key.ID}); err != nil {
		t.Fatal(err)
	}
	if answer := answered(t, i, key); answer.Standing != contract.JoinApproved || answer.Plane != i.Plane || len(answer.Access.NATS) != 1 {
		t.Errorf("%+v", answer)
	}
	i.Token("press-07", key)
	if err := a.DropJoinToken(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(said.String(), joinToken) {
		t.Error("the log shows a token")
	}
	for _, event := range []string{"make join token", "join", "approve", "deny", "drop join token"} {
		if !strings.Contains(said.String(), `"what":"`+event+`"`) {
			t.Errorf("the audit does not tell of %s", event)
		}
	}
	for name, err := range map[string]error{
		"was approved":           a.Deny(t.Context(), "press-07", admin.Approval{Key: key.ID}),
		string(diag.NobodyJoins): a.Approve(t.Context(), "press-08", admin.Approval{Key: key.ID}),
		"no token of that id":    a.DropJoinToken(t.Context(), made.ID),
	} {
		if !has(err, diag.IssuerRefuses) || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: want %q", err, name)
		}
	}
}

// answered is what press-07 hears.
func answered(t *testing.T, i *issuertest.Issuer, key assertion.Key) (answer contract.JoinAnswer) {
	t.Helper()
	at := i.URL + contract.JoinPath
	said, err := key.Endorse("press-07", at, key.ID, time.Now())
	_, text := posts(t, at, joinToken, asks(t, key, said, err))
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return answer
}
