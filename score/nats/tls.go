// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/score/authority"
	"nationtech.io/harmony/score/nats/internal/conf"
	"nationtech.io/harmony/secret"
)

// TLS lets servers take connections of clients with TLS alone. The servers of a cluster then reach each other with TLS alone, too, by
// certificates of their own authority, whoever made the one that clients see.
type TLS struct {
	// Secret is one of the namespace that has the servers' certificate, as tls.crt and tls.key, and as ca.crt that of the authority
	// which clients pin. When it is empty, the NATS has an authority of its own.
	Secret string
}

// The keys of a certificate in a Secret.
const (
	certificateKey    = "tls.crt"
	certificateKeyKey = "tls.key"
	// AuthorityKey is that of the authority's certificate.
	AuthorityKey = "ca.crt"
)

// Authority is this NATS's own. Others of the same fleet may have certificates of it, so that clients pin one.
func (r Ref) Authority() authority.Ref {
	return authority.Ref{Owner: r.inventory(), Secret: r.Name + "-authority"}
}

// ServerName is the name that the servers' certificate has whatever address they are reached by.
func (r Ref) ServerName() string { return r.Name + "." + r.Namespace + ".svc" }

// Pinned is the certificate of the authority that clients pin; empty without TLS.
func (r Ref) Pinned(ctx context.Context, on kube.Cluster) (string, harmony.Outcome, error) {
	switch {
	case r.TLS == nil:
		return "", harmony.Outcome{}, nil
	case r.TLS.Secret == "":
		return r.Authority().Certificate(ctx, on)
	}
	given, err := r.given(ctx, on)
	return given.Authority, harmony.Outcome{}, err
}

// certificate is that of the servers; none without TLS.
func (s Score) certificate(ctx context.Context, on kube.Cluster) (*authority.Pair, harmony.Outcome, error) {
	switch {
	case s.TLS == nil:
		return nil, harmony.Outcome{}, nil
	case s.TLS.Secret != "":
		given, err := s.Ref().given(ctx, on)
		return &given, harmony.Outcome{}, err
	}
	name := s.Ref().ServerName()
	hosts := []string{name, name + ".cluster.local", s.Name() + "." + s.Namespace, s.Name(), "*." + s.headless() + "." + s.Namespace + ".svc"}
	pair, outcome, err := s.Ref().Authority().Issue(ctx, on, time.Now(), slices.Concat(hosts, s.Hosts)...)
	return &pair, outcome, err
}

// routes is the certificate by which servers of a cluster know each other: as whom they take a route, and as whom they make one.
func (s Score) routes(ctx context.Context, on kube.Cluster) (*authority.Pair, harmony.Outcome, error) {
	if s.TLS == nil || s.replicas() == 1 {
		return nil, harmony.Outcome{}, nil
	}
	pair, outcome, err := s.Ref().Authority().IssuePeer(ctx, on, time.Now(), "*."+s.headless()+"."+s.Namespace+".svc")
	return &pair, outcome, err
}

// given reads the Secret that was given, which must have a certificate with its key.
func (r Ref) given(ctx context.Context, on kube.Reader) (authority.Pair, error) {
	values, err := on.Secret(ctx, r.Namespace, r.TLS.Secret)
	if err != nil {
		return authority.Pair{}, err
	}
	bad := diag.New(diag.BadPlacement, "Secret/"+r.TLS.Secret)
	for _, key := range []string{certificateKey, certificateKeyKey, AuthorityKey} {
		if values[key].IsZero() {
			bad.Saw(fmt.Sprintf("the Secret %s of namespace %s has no %s", r.TLS.Secret, r.Namespace, key))
		}
	}
	pair := authority.Pair{Certificate: values[certificateKey].Reveal(), Key: values[certificateKeyKey], Authority: values[AuthorityKey].Reveal()}
	if len(bad.Evidence) == 0 {
		if _, err := tls.X509KeyPair([]byte(pair.Certificate), []byte(pair.Key.Reveal())); err != nil {
			bad.Because(err).Saw("its certificate and key do not belong together")
		}
	}
	if len(bad.Evidence) > 0 {
		return authority.Pair{}, bad
	}
	return pair, nil
}

// encryption is what servers are told of the TLS of clients. The names of files change with what is in them: so a server that has the
// configuration has the certificate, too.
func (k kept) encryption() *conf.TLS {
	if k.certificate == nil {
		return nil
	}
	file := k.file(clientFiles, k.certificate)
	return &conf.TLS{Certificate: file + ".crt", Key: file + ".key", Timeout: authTimeout}
}

// routing is what servers are told of the TLS of routes: both sides have a certificate of the authority.
func (k kept) routing() *conf.TLS {
	if k.routes == nil {
		return nil
	}
	file := k.file(routeFiles, k.routes)
	return &conf.TLS{Certificate: file + ".crt", Key: file + ".key", Authority: file + ".ca", Verify: true, Timeout: authTimeout}
}

// What the names of a certificate's files begin with.
const (
	clientFiles = "tls"
	routeFiles  = "route"
)

func (k kept) file(of string, pair *authority.Pair) string {
	return cmp.Or(k.dir, configDir) + "/" + fileVersion(of, pair)
}

func fileVersion(of string, pair *authority.Pair) string {
	sum := sha256.Sum256([]byte(pair.Certificate))
	return of + "-" + hex.EncodeToString(sum[:6])
}

// files are what stands beside the configuration.
func (k kept) files() map[string]secret.Value {
	all := map[string]secret.Value{}
	if k.certificate != nil {
		version := fileVersion(clientFiles, k.certificate)
		all[version+".crt"], all[version+".key"] = secret.New(k.certificate.Certificate), k.certificate.Key
		all[AuthorityKey] = secret.New(k.certificate.Authority)
	}
	if k.routes != nil {
		version := fileVersion(routeFiles, k.routes)
		all[version+".crt"], all[version+".key"] = secret.New(k.routes.Certificate), k.routes.Key
		all[version+".ca"] = secret.New(k.routes.Authority)
	}
	return all
}
