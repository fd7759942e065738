// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadeltest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

var errNoPEM = errors.New("cannot decode, empty data")

// pair is a public key that is given in base64, or a new one with its private key.
func pair(given string) (public *rsa.PublicKey, private string, err error) {
	if given == "" {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, "", err
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
		return &key.PublicKey, string(text), nil
	}
	text, err := base64.StdEncoding.DecodeString(given)
	if err != nil {
		return nil, "", err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, "", errNoPEM
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	public, _ = key.(*rsa.PublicKey)
	return public, "", err
}

// token verifies an assertion as Zitadel does, and says the roles that scopes ask for. It was read in internal/api/oidc:
// token_jwt_profile.go asks for the session of a machine without a project, prepareRoles in userinfo.go takes the projects from the
// scopes, and setUserInfoRoleClaims gives each project a claim with its id; the claim without an id is that of the project of who asks,
// which here is nobody's. Of internal/query/userinfo_by_id.sql: a grant counts while it is active.
func (z *Zitadel) token(w http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	defer z.mu.Unlock()
	refuse := func(why string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_grant","error_description":%q}`, why)
	}
	s, err := jose.ParseSigned(r.FormValue("assertion"), []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.PS256})
	if err != nil {
		refuse(err.Error())
		return
	}
	var asserted struct{ Iss, Sub, Aud string }
	_ = json.Unmarshal(s.UnsafePayloadWithoutVerification(), &asserted)
	key := z.Public[asserted.Sub+"/"+s.Signatures[0].Header.KeyID]
	if key == nil || asserted.Iss != asserted.Sub || asserted.Aud != Issuer {
		refuse("unknown key")
		return
	}
	if _, err := s.Verify(key); err != nil {
		refuse(err.Error())
		return
	}
	u := z.Users[asserted.Sub]
	if u == nil || u["state"] != "USER_STATE_ACTIVE" {
		refuse("user is not active")
		return
	}
	scopes := strings.Fields(r.FormValue("scope"))
	claims, err := json.Marshal(z.claims(asserted.Sub, scopes))
	if err != nil {
		refuse(err.Error())
		return
	}
	given := fmt.Sprintf("e30.%s.%s", base64.RawURLEncoding.EncodeToString(claims), rand.Text())
	if u["machine"].(Object)["accessTokenType"] != "ACCESS_TOKEN_TYPE_JWT" {
		given = rand.Text()
	}
	if slices.Contains(scopes, "urn:zitadel:iam:org:project:id:zitadel:aud") {
		z.tokens[given] = asserted.Sub
	}
	fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":600}`, given)
}

// claims are those of a token, for the projects that scopes name.
func (z *Zitadel) claims(machine string, scopes []string) Object {
	audience := []string{}
	claims := Object{"iss": Issuer, "sub": machine}
	for _, scope := range scopes {
		if rest, is := strings.CutPrefix(scope, "urn:zitadel:iam:org:project:id:"); is && strings.HasSuffix(rest, ":aud") {
			audience = append(audience, strings.TrimSuffix(rest, ":aud"))
		}
	}
	claims["aud"] = audience
	for _, g := range z.Grants {
		project := g["projectId"].(string)
		if g["userId"] != machine || g["state"] != "USER_GRANT_STATE_ACTIVE" || !slices.Contains(audience, project) || !slices.Contains(scopes, "urn:zitadel:iam:org:projects:roles") {
			continue
		}
		roles := Object{}
		for _, role := range g["roleKeys"].([]any) {
			roles[role.(string)] = Object{"1": "example.com"}
		}
		if len(roles) > 0 {
			claims["urn:zitadel:iam:org:project:"+project+":roles"] = roles
		}
	}
	return claims
}
