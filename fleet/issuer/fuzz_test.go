// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/issuertest"
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
