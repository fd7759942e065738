// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/issuertest"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// FuzzToken asks for tokens with arbitrary bodies and credentials: nobody gets one, and the issuer never says that it is to
// blame.
func FuzzToken(f *testing.F) {
	i := issuertest.Start(f, new(log))
	i.Enrol("press-07", contract.RoleDevice)
	stranger, _, err := assertion.New()
	if err != nil {
		f.Fatal(err)
	}
	said, err := stranger.Sign("press-07", i.URL, time.Now())
	if err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(said, ".")
	for _, shown := range []string{said, "", ".", "..", parts[0] + ".." + parts[2], parts[0] + "." + parts[1] + ".", "eyJhbGciOiJub25lIn0." + parts[1] + ".", strings.Repeat("x", 70<<10)} {
		f.Add(url.Values{"grant_type": {assertion.GrantType}, "assertion": {shown}}.Encode(), "")
	}
	f.Add("grant_type=client_credentials", "Basic cHJlc3MtMDc6")
	f.Add("grant_type=client_credentials&client_id=press-07&client_secret=", "")
	f.Add("grant_type=authorization_code&code=x&client_id=harmony-fleet", "")
	f.Add("grant_type=refresh_token&refresh_token=x", "")
	f.Add("%", "Basic %")
	f.Fuzz(func(t *testing.T, body, credentials string) {
		asked := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/oauth/token", strings.NewReader(body))
		asked.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		asked.Header.Set("Authorization", credentials)
		answer := httptest.NewRecorder()
		i.Handler().ServeHTTP(answer, asked)
		if answer.Code < 400 || answer.Code >= 500 || strings.Contains(answer.Body.String(), "access_token") {
			t.Errorf("%q, %q: %d %s", body, credentials, answer.Code, answer.Body)
		}
	})
}

// FuzzAskingWithoutRights asks to join, and to change a key, with arbitrary bodies and tokens: nobody becomes a machine, no
// machine has another key, and the issuer never says that it is to blame.
func FuzzAskingWithoutRights(f *testing.F) {
	i := issuertest.Start(f, new(log))
	i.Enrol("press-07", contract.RoleDevice)
	stranger, _, err := assertion.New()
	if err != nil {
		f.Fatal(err)
	}
	key, err := registry.ParseKey(stranger.Public())
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range []string{contract.JoinPath, contract.RotatePath} {
		said, err := stranger.Endorse("press-07", i.URL+path, key.ID, time.Now())
		if err != nil {
			f.Fatal(err)
		}
		for _, shown := range []string{said, "", ".", "..", said[:len(said)/2]} {
			body, err := json.Marshal(map[string]any{"assertion": shown, "key": string(stranger.Public())})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(path == contract.JoinPath, body, "a-token")
			f.Add(path == contract.JoinPath, body[:len(body)-1], "")
		}
	}
	before, err := i.Registry.Machines()
	if err != nil {
		f.Fatal(err)
	}
	asks := 0
	f.Fuzz(func(t *testing.T, joins bool, body []byte, token string) {
		path := contract.RotatePath
		if joins {
			path = contract.JoinPath
		}
		asked := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, bytes.NewReader(body))
		asked.Header.Set("Authorization", "Bearer "+token)
		asks++
		asked.RemoteAddr = fmt.Sprintf("10.0.%d.%d:1", asks/250%20, asks%250) // who fails too often must wait
		answer := httptest.NewRecorder()
		i.Handler().ServeHTTP(answer, asked)
		if answer.Code < 400 || answer.Code >= 500 {
			t.Errorf("%s %q, %q: %d %s", path, body, token, answer.Code, answer.Body)
		}
		after, err := i.Registry.Machines()
		if err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%s %q, %q: %+v, %v", path, body, token, after, err)
		}
	})
}
