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
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/score/zitadel/management"
	"nationtech.io/harmony/secret"
)

// assertionLife is how long what a machine signs is good.
const assertionLife = time.Minute

// SmokeTest gets a token as each machine does, with its key, and looks whether the token says whom it is for and its roles. One
// that someone has deactivated in Zitadel is passed over. The enroller looks for itself. Without either it asks for the project.
func (s Score) SmokeTest(ctx context.Context, on Place) error {
	audience, err := s.Ref().Audience(ctx, on.Kubernetes())
	if err != nil {
		return err
	}
	if len(s.names()) == 0 {
		return s.projectStands(ctx, on.Kubernetes(), audience)
	}
	failed := []error{s.enrols(ctx, on.Kubernetes())}
	for _, m := range s.Machines {
		failed = append(failed, s.proves(ctx, on.Kubernetes(), m, audience))
	}
	return errors.Join(failed...)
}

// proves asks for a token of one machine.
func (s Score) proves(ctx context.Context, on kube.Cluster, m Machine, audience string) error {
	token, err := s.token(ctx, on, m.Name, Scope(audience))
	if err != nil {
		return s.unless(ctx, on, m.Name, err)
	}
	claims, err := read(m.Name, token)
	if err != nil {
		return err
	}
	wrong := diag.New(diag.WrongAnswer, "Zitadel machine/"+m.Name)
	if claims["iss"] != s.Ref().IssuerURL() || claims[DeviceClaim] != m.Name {
		wrong.Saw(fmt.Sprintf("its token is of %v and for %v", claims["iss"], claims[DeviceClaim]))
	}
	if whom, _ := claims["aud"].([]any); !slices.Contains(whom, any(audience)) {
		wrong.Saw("its token is not for the project " + s.Ref().Project)
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

// unless passes over what failed for a machine that someone has deactivated.
func (s Score) unless(ctx context.Context, on kube.Cluster, name string, failed error) error {
	z, err := s.within(ctx, on)
	if err != nil || z == nil {
		return failed // it tells more
	}
	if u, err := z.Machine(ctx, name); err != nil || u == nil || !u.Inactive() {
		return failed
	}
	event.Emit(ctx, event.Notice{Text: "machine " + name + " is deactivated in Zitadel, and gets no token"})
	return nil
}

func (s Score) projectStands(ctx context.Context, on kube.Cluster, id string) error {
	z, err := s.within(ctx, on)
	if err != nil {
		return err
	}
	var p *project
	if z != nil {
		p, err = projectIn(ctx, *z, s.Ref().Project)
	}
	if err == nil && (p == nil || p.ID != id) {
		return diag.New(diag.WrongAnswer, "Zitadel project/"+s.Ref().Project).Saw("it is not there any more, or is another one").Try("deploy " + s.Name() + " again")
	}
	return err
}

// enrols looks whether the enroller may see who there is.
func (s Score) enrols(ctx context.Context, on kube.Cluster) error {
	if s.Enrols == "" {
		return nil
	}
	name := s.Ref().Enroller()
	token, err := s.token(ctx, on, name, management.Scope)
	if err != nil {
		return s.unless(ctx, on, name, err)
	}
	z := management.API{URL: s.Ref().IssuerURL(), HTTP: s.Zitadel.Client(on), Token: token, Help: "deploy " + s.Name() + " again: it repairs what was edited"}
	u, err := z.Machine(ctx, name)
	if err == nil && u == nil {
		return diag.New(diag.WrongAnswer, "Zitadel machine/"+name).Saw("it does not see itself").Try(z.Help)
	}
	if err == nil {
		event.Emit(ctx, event.Fact{Text: "machine " + name + " may enrol devices"})
	}
	return err
}

// token gives a token that a machine gets.
func (s Score) token(ctx context.Context, on kube.Cluster, machine, scope string) (secret.Value, error) {
	values, err := on.Secret(ctx, s.Namespace, s.Ref().MachineSecret(machine))
	if err != nil {
		return secret.Value{}, err
	}
	assertion, err := signed(values[KeyFile], values[KeyIDKey].Reveal(), machine, s.Ref().IssuerURL())
	if err != nil {
		return secret.Value{}, diag.New(diag.ZitadelRefuses, "Secret/"+s.Ref().MachineSecret(machine)).Because(err).Try("deploy " + s.Name() + " again: it makes another key")
	}
	return management.Token(ctx, s.Zitadel.Client(on), s.Ref().IssuerURL(), machine, assertion, scope)
}

// read gives the claims of a token.
func read(machine string, token secret.Value) (claims map[string]any, err error) {
	parts := strings.Split(token.Reveal(), ".")
	if len(parts) != 3 {
		return nil, diag.New(diag.WrongAnswer, "Zitadel machine/"+machine).Saw("its token is one that only Zitadel can read")
	}
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
