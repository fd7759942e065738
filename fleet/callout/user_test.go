// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"

	"nationtech.io/harmony/fleet/callout/token"
	"nationtech.io/harmony/fleet/contract"
)

// Devices that connected in one moment end over 14 hours: so says the page for people, and so do tests of storms assume it.
func TestUsersOfDevicesEndADayLaterMoreOrLess(t *testing.T) {
	a := newAsker(t)
	a.shows("press-07")
	now := time.Now()
	const least, most = 60480, 112320 // seconds: a day, less or more by three tenths
	var tenths [10]int
	question := a.message()
	const many = 500
	for range many {
		data, o := a.answerer.answer(t.Context(), question, now)
		if o.dropped != nil || o.reason != "" {
			t.Fatalf("%+v", o)
		}
		life := expiry(t, a, data) - now.Unix()
		if life < least || life > most {
			t.Fatalf("it ends after %d s", life)
		}
		tenths[min(10*(life-least)/(most-least), 9)]++
	}
	for i, n := range tenths {
		if n < many/10/5 { // which luck makes less often than once in 10^9 times
			t.Errorf("%d of %d end in the tenth %d: %v", n, many, i, tenths)
		}
	}
}

// expiry is when the user of an answer ends.
func expiry(t *testing.T, a *asker, data []byte) int64 {
	t.Helper()
	text, err := a.curve.Open(data, a.sealing)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := jwt.DecodeAuthorizationResponseClaims(string(text))
	if err != nil {
		t.Fatal(err)
	}
	made, err := jwt.DecodeUserClaims(answer.Jwt)
	if err != nil {
		t.Fatal(err)
	}
	return made.Expires
}

func TestPeopleAndProgramsComeBackAfterAnHour(t *testing.T) {
	now := time.Now()
	for _, role := range []contract.Role{contract.RoleOperator, contract.RoleReader} {
		made, err := user(token.Identity{Role: role}, "U", now)
		if err != nil || made.Expires-now.Unix() != 3600 {
			t.Errorf("%s: %+v, %v", role, made, err)
		}
	}
}

func TestWhoIsNotKnownToHaveARightGetsNone(t *testing.T) {
	a := newAsker(t).answerer
	a.directory = everybody{}
	id, err := contract.ParseDeviceID("press-07")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		who  token.Identity
		err  error
		want token.Reason
	}{
		"a reason":              {token.Identity{}, &token.Refused{Reason: token.Expired}, token.Expired},
		"another error":         {token.Identity{Role: contract.RoleReader}, errors.New("the disk is full"), ReasonUnjudged},
		"a device and an error": {token.Identity{Role: contract.RoleDevice, Device: id}, errors.New("the disk is full"), ReasonUnjudged},
		"nobody, and no error":  {token.Identity{}, nil, token.NoRole},
		"a role of tomorrow":    {token.Identity{Role: "auditor"}, nil, token.NoRole},
		"a device":              {token.Identity{Role: contract.RoleDevice, Device: id}, nil, ""},
		"a reader":              {token.Identity{Role: contract.RoleReader}, nil, ""},
		"an operator":           {token.Identity{Role: contract.RoleOperator}, nil, ""},
	} {
		if _, got := a.judge(c.who, c.err, contract.ConnectionName(id)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for _, role := range []contract.Role{"", "auditor"} {
		if made, err := user(token.Identity{Role: role}, "U", time.Now()); made != nil || !errors.Is(err, errNoRights) {
			t.Errorf("the role %q: %+v, %v", role, made, err)
		}
	}
}
