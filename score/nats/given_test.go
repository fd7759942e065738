// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/score/authority"
	"nationtech.io/harmony/secret"
)

// company is an authority that is not the NATS's own.
func company(t *testing.T, names ...string) authority.Pair {
	t.Helper()
	of := authority.Ref{Owner: kube.Inventory{Namespace: "company", Name: "company"}, Secret: "company"}
	pair, _, err := of.Issue(t.Context(), generating{}, time.Now(), names...)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// having is a cluster that has that Secret.
type having struct {
	generating
	values map[string]secret.Value
}

func (h having) Secret(_ context.Context, namespace, name string) (map[string]secret.Value, error) {
	if namespace != "demo" || name != "company-tls" {
		return nil, nil
	}
	return h.values, nil
}

func given(t *testing.T) (Score, map[string]secret.Value) {
	t.Helper()
	s := asked()
	s.TLS = &TLS{Secret: "company-tls"}
	pair := company(t, s.Ref().ServerName())
	return s, map[string]secret.Value{certificateKey: secret.New(pair.Certificate), certificateKeyKey: pair.Key, AuthorityKey: secret.New(pair.Authority)}
}

func TestServersShowTheCertificateThatIsGiven(t *testing.T) {
	s, values := given(t)
	on := having{values: values}
	kept, _, err := s.keep(t.Context(), on)
	if err != nil {
		t.Fatal(err)
	}
	kept.passwords = passwords(s)
	srv := run(t, s, kept)
	pinned, _, err := s.Ref().Pinned(t.Context(), on)
	if err != nil || pinned != values[AuthorityKey].Reveal() {
		t.Fatalf("clients pin %q: %v", pinned, err)
	}
	boss := nats.UserInfo("boss", passwords(s)["boss"].Reveal())
	conn, err := nats.Connect(srv.ClientURL(), boss, nats.Secure(pinning(s, pinned)))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	own, _, err := s.Ref().Authority().Certificate(t.Context(), on)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nats.Connect(srv.ClientURL(), boss, nats.Secure(pinning(s, own))); err == nil {
		t.Error("they show one of the NATS's own authority")
	}
}

func TestACertificateThatIsGivenAndOfNoUseIsSaid(t *testing.T) {
	s, good := given(t)
	other := company(t, "other.example.com")
	for want, change := range map[string]func(map[string]secret.Value){
		"the Secret company-tls of namespace demo has no tls.key": func(v map[string]secret.Value) { delete(v, certificateKeyKey) },
		"the Secret company-tls of namespace demo has no ca.crt":  func(v map[string]secret.Value) { delete(v, AuthorityKey) },
		"its certificate and key do not belong together":          func(v map[string]secret.Value) { v[certificateKeyKey] = other.Key },
	} {
		values := map[string]secret.Value{}
		for key, value := range good {
			values[key] = value
		}
		change(values)
		_, _, err := s.keep(t.Context(), having{values: values})
		var d *diag.Diagnostic
		if !errors.As(err, &d) || d.Code != diag.BadPlacement || !strings.Contains(fmt.Sprint(d.Evidence), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
