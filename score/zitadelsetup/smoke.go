// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadelsetup

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/secret"
)

// assertionLife is how long what a machine signs is good.
const assertionLife = time.Minute

// SmokeTest gets a token as each machine does, with its key, and looks whether the token says whom it is for and its roles. One
// that someone has deactivated in Zitadel is passed over. Without machines it asks for the project.
func (s Score) SmokeTest(ctx context.Context, on Place) error {
	audience, err := s.Ref().Audience(ctx, on.Kubernetes())
	if err != nil {
		return err
	}
	if len(s.Machines) == 0 {
		return s.projectStands(ctx, on.Kubernetes(), audience)
	}
	var failed []error
	for _, m := range s.Machines {
		failed = append(failed, s.proves(ctx, on.Kubernetes(), m, audience))
	}
	return errors.Join(failed...)
}

// proves asks for a token of one machine.
func (s Score) proves(ctx context.Context, on kube.Cluster, m Machine, audience string) error {
	claims, err := s.token(ctx, on, m.Name, audience)
	if err != nil {
		if off, known := s.deactivated(ctx, on, m.Name); known == nil && off {
			event.Emit(ctx, event.Notice{Text: "machine " + m.Name + " is deactivated in Zitadel, and gets no token"})
			return nil
		}
		return err
	}
	wrong := diag.New(diag.WrongAnswer, "Zitadel machine/"+m.Name)
	if claims["iss"] != s.Ref().IssuerURL() || claims[DeviceClaim] != m.Name {
		wrong.Saw(fmt.Sprintf("its token is of %v and for %v", claims["iss"], claims[DeviceClaim]))
	}
	if whom, _ := claims["aud"].([]any); !slices.Contains(whom, any(audience)) {
		wrong.Saw(fmt.Sprintf("its token is not for the project, %s: %v", audience, claims["aud"]))
	}
	roles, _ := claims[RolesClaim(audience)].(map[string]any)
	for _, r := range m.Roles {
		if roles[r] == nil {
			wrong.Saw("its token does not say the role " + r)
		}
	}
	for r := range roles {
		if !slices.Contains(m.Roles, r) {
			wrong.Saw("its token says the role " + r + ", which it shall not have")
		}
	}
	if len(wrong.Evidence) > 0 {
		return wrong.Try("deploy " + s.Name() + " again: it repairs what was edited")
	}
	event.Emit(ctx, event.Fact{Text: "machine " + m.Name + " got a token with its roles"})
	return nil
}

// deactivated tells whether someone has deactivated a machine.
func (s Score) deactivated(ctx context.Context, on kube.Cluster, name string) (bool, error) {
	z, err := s.reach(ctx, on)
	if err != nil {
		return false, err
	}
	u, err := z.machine(ctx, name)
	return u != nil && u.State != userActive, err
}

func (s Score) projectStands(ctx context.Context, on kube.Cluster, id string) error {
	z, err := s.reach(ctx, on)
	if err != nil {
		return err
	}
	p, err := z.project(ctx, s.Ref().Project)
	if err == nil && (p == nil || p.ID != id) {
		return diag.New(diag.WrongAnswer, "Zitadel project/"+s.Ref().Project).Saw("it is not there any more, or is another one").Try("deploy " + s.Name() + " again")
	}
	return err
}

// token gives the claims of a token that a machine gets.
func (s Score) token(ctx context.Context, on kube.Cluster, machine, audience string) (map[string]any, error) {
	values, err := on.Secret(ctx, s.Namespace, s.Ref().MachineSecret(machine))
	if err != nil {
		return nil, err
	}
	assertion, err := signed(values[KeyFile], values[KeyIDKey].Reveal(), machine, s.Ref().IssuerURL())
	if err != nil {
		return nil, diag.New(diag.ZitadelRefuses, "Secret/"+s.Ref().MachineSecret(machine)).Because(err).Try("deploy " + s.Name() + " again: it makes another key")
	}
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion.Reveal()}, "scope": {Scope(audience)}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.Zitadel.Host()+"/oauth/v2/token", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	s.Zitadel.Behind(request)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := kube.HTTP(on, s.Zitadel.Service()).Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask for a token: %w", err)
	}
	defer response.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	err = json.NewDecoder(http.MaxBytesReader(nil, response.Body, mostBytes)).Decode(&answer)
	parts := strings.Split(answer.AccessToken, ".")
	if err != nil || response.StatusCode != http.StatusOK || len(parts) != 3 {
		return nil, diag.New(diag.ZitadelRefuses, "Zitadel machine/"+machine).Saw(fmt.Sprintf("asked for a token: %s %s %s", response.Status, answer.Error, answer.Description)).Because(err)
	}
	var claims map[string]any
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(text, &claims)
	}
	if err != nil {
		return nil, diag.New(diag.WrongAnswer, "Zitadel machine/"+machine).Saw("its token cannot be read").Because(err)
	}
	return claims, nil
}

// signed is what a machine shows to get a token: https://www.rfc-editor.org/rfc/rfc7523
func signed(key secret.Value, id, machine, issuer string) (secret.Value, error) {
	block, _ := pem.Decode([]byte(key.Reveal()))
	if block == nil {
		return secret.Value{}, errNoKey
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return secret.Value{}, errNoKey
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: private, KeyID: id}}, nil)
	if err != nil {
		return secret.Value{}, fmt.Errorf("use the key: %w", err)
	}
	now := time.Now()
	claims, err := json.Marshal(map[string]any{"iss": machine, "sub": machine, "aud": issuer, "iat": now.Unix(), "exp": now.Add(assertionLife).Unix()})
	if err != nil {
		return secret.Value{}, fmt.Errorf("encode an assertion: %w", err)
	}
	s, err := signer.Sign(claims)
	if err != nil {
		return secret.Value{}, fmt.Errorf("sign an assertion: %w", err)
	}
	text, err := s.CompactSerialize()
	return secret.New(text), err
}
