// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadelsetup

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/secret"
)

// credential is what is kept of a machine's key.
type credential struct {
	pem     secret.Value // PKCS #8
	id      secret.Value // no secret, but kept as one
	expires time.Time
}

// keys keeps the facts and a good key for each machine. A key is stored before the next is made: who makes one and does
// not store it can never read it again.
func (r *run) keys(ctx context.Context) error {
	kept := map[string]credential{}
	for _, name := range r.names() {
		c, err := r.good(ctx, name)
		if err != nil {
			return err
		}
		if c != nil {
			kept[name] = *c
		}
	}
	if err := r.store(ctx, kept); err != nil {
		return err
	}
	for _, name := range r.names() {
		if _, has := kept[name]; has {
			continue
		}
		c, err := r.mint(ctx, name)
		if err != nil {
			return err
		}
		kept[name] = c
		if err := r.store(ctx, kept); err != nil {
			return err
		}
	}
	return nil
}

// good gives the key that is kept for a machine; nil when there is none, or Zitadel does not know it any more, or it ends soon.
func (r *run) good(ctx context.Context, machine string) (*credential, error) {
	values, err := r.on.Secret(ctx, r.Namespace, r.Ref().MachineSecret(machine))
	if err != nil {
		return nil, err
	}
	expires, err := time.Parse(time.RFC3339, values[ExpiresKey].Reveal())
	c := &credential{pem: values[KeyFile], id: values[KeyIDKey], expires: expires}
	whole := err == nil && !c.pem.IsZero() && !c.id.IsZero() && time.Until(expires) > r.life()/renewAt
	known, err := r.api.Keys(ctx, machine)
	if err != nil {
		return nil, err
	}
	there := false
	for _, id := range known {
		ours := secret.New(id).Equal(c.id)
		if there = there || ours; !ours {
			event.Emit(ctx, event.Notice{Text: "machine " + machine + " has another key in Zitadel, " + id + ", which is not in its Secret; it is left, and can be taken away there"})
		}
	}
	if !whole || !there {
		return nil, nil
	}
	return c, nil
}

// mint has Zitadel make a key.
func (r *run) mint(ctx context.Context, machine string) (credential, error) {
	c := credential{expires: time.Now().Add(r.life()).UTC().Truncate(time.Second)}
	var answer struct {
		KeyID      string `json:"keyId"`
		KeyDetails string `json:"keyDetails"`
	}
	err := r.api.Ask(ctx, http.MethodPost, "/users/"+machine+"/keys", map[string]any{"type": "KEY_TYPE_JSON", "expirationDate": c.expires.Format(time.RFC3339)}, &answer)
	if err != nil {
		return c, err
	}
	if c.pem, err = unwrapped(answer.KeyDetails); err != nil {
		return c, diag.New(diag.ZitadelRefuses, "Zitadel machine/"+machine).Saw("the key that it made cannot be read").Because(err)
	}
	c.id = secret.New(answer.KeyID)
	if err := r.api.Seen(ctx, machine, answer.KeyID); err != nil {
		return c, err
	}
	r.changed(ctx, harmony.Created, "Zitadel key/"+machine, answer.KeyID+", good until "+c.expires.Format(time.DateOnly))
	return c, nil
}

// errNoKey is what is not a key.
var errNoKey = errors.New("it is no RSA private key")

// unwrapped takes a private key out of the file that Zitadel gives.
func unwrapped(details string) (secret.Value, error) {
	text, err := base64.StdEncoding.DecodeString(details)
	if err != nil {
		return secret.Value{}, errNoKey // what it is may be a secret
	}
	var file struct {
		Key string `json:"key"`
	}
	if json.Unmarshal(text, &file) != nil {
		return secret.Value{}, errNoKey
	}
	block, _ := pem.Decode([]byte(file.Key))
	if block == nil {
		return secret.Value{}, errNoKey
	}
	key, err := rsaKey(block.Bytes)
	if err != nil {
		return secret.Value{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return secret.Value{}, errNoKey
	}
	return secret.New(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))), nil
}

func rsaKey(der []byte) (*rsa.PrivateKey, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	any, err := x509.ParsePKCS8PrivateKey(der)
	if key, is := any.(*rsa.PrivateKey); err == nil && is {
		return key, nil
	}
	return nil, errNoKey
}

// store applies the facts and what is kept. It is data: only a purge deletes it.
func (r *run) store(ctx context.Context, kept map[string]credential) error {
	objects := []kube.Object{r.secret(r.Ref().FactsSecret(), map[string][]byte{projectKey: []byte(r.projectID), clientKey: []byte(r.clientID)})}
	for _, name := range r.names() {
		if c, has := kept[name]; has {
			objects = append(objects, r.secret(r.Ref().MachineSecret(name), map[string][]byte{
				KeyFile: []byte(c.pem.Reveal()), KeyIDKey: []byte(c.id.Reveal()), ExpiresKey: []byte(c.expires.Format(time.RFC3339)),
			}))
		}
	}
	outcome, err := r.on.Apply(ctx, r.inventory(), objects...)
	r.outcome.Changes = slices.Concat(r.outcome.Changes, outcome.Changes)
	return err
}

func (r *run) secret(name string, data map[string][]byte) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: r.Namespace, Name: name, Labels: r.inventory().DataLabels()}, Data: data}
}
