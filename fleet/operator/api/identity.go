// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"crypto/x509"
	"net/http"
	"strings"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony/diag"
)

// A Person is who asks, as Kubernetes knows them.
type Person struct {
	Name, UID string
	Groups    []string
	Extra     map[string]authenticationv1.ExtraValue
}

const (
	authenticated = "system:authenticated" // the group that the API server puts all into
	// authoritiesKept is for how long the authorities of clients are used before they are read again.
	authoritiesKept = time.Minute
	impersonation   = "Impersonate-"
)

// authoritiesName is where an API server publishes which authority signs the certificates of clients.
var authoritiesName = types.NamespacedName{Namespace: "kube-system", Name: "extension-apiserver-authentication"}

// Identities tell who asks.
type Identities struct {
	// Reader reads the ConfigMap of the authorities, and Client creates TokenReviews.
	Reader client.Reader
	Client client.Client

	mu   sync.Mutex
	pool *x509.CertPool
	read time.Time
}

// Of tells who sent a request. Its error is a Diagnostic with the code CredentialsRefused.
func (i *Identities) Of(r *http.Request) (Person, error) {
	for name := range r.Header {
		if strings.HasPrefix(name, impersonation) {
			return Person{}, refused("it asks to be taken for someone else (" + name + "), which this API does not do").
				Try("leave --as, or act-as of the kubeconfig, out")
		}
	}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		return i.certified(r.Context(), r.TLS.PeerCertificates)
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return Person{}, refused("it came with neither a client certificate nor a bearer token").
			Try("use a kubeconfig whose user has one: basic authentication and proxies that sign in by themselves do not reach this API")
	}
	return i.reviewed(r.Context(), token)
}

// certified takes a certificate of a client as the API server does: its common name is the user, its organisations the groups.
func (i *Identities) certified(ctx context.Context, chain []*x509.Certificate) (Person, error) {
	pool, err := i.authorities(ctx, time.Now())
	if err != nil {
		return Person{}, err
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	leaf := chain[0]
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		return Person{}, refused("the client certificate of " + leaf.Subject.CommonName + " is not one of this cluster").Because(err)
	}
	if leaf.Subject.CommonName == "" {
		return Person{}, refused("the client certificate names no one")
	}
	return Person{Name: leaf.Subject.CommonName, Groups: append(leaf.Subject.Organization[:len(leaf.Subject.Organization):len(leaf.Subject.Organization)], authenticated)}, nil
}

// authorities gives those that sign the certificates of clients.
func (i *Identities) authorities(ctx context.Context, now time.Time) (*x509.CertPool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.pool != nil && now.Sub(i.read) < authoritiesKept {
		return i.pool, nil
	}
	var published corev1.ConfigMap
	if err := i.Reader.Get(ctx, authoritiesName, &published); err != nil {
		return nil, refused("ConfigMap " + authoritiesName.String() + ", which says whose client certificates count, cannot be read").Because(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(published.Data["client-ca-file"])) {
		return nil, refused("this cluster accepts no client certificates").Try("use a kubeconfig whose user has a token")
	}
	i.pool, i.read = pool, now
	return pool, nil
}

func (i *Identities) reviewed(ctx context.Context, token string) (Person, error) {
	review := authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}
	if err := i.Client.Create(ctx, &review); err != nil {
		return Person{}, refused("the API server does not review its token").Because(err)
	}
	user := review.Status.User
	if !review.Status.Authenticated || user.Username == "" {
		d := refused("the API server does not accept its token")
		if review.Status.Error != "" {
			d.Saw(review.Status.Error)
		}
		return Person{}, d
	}
	return Person{Name: user.Username, UID: user.UID, Groups: user.Groups, Extra: user.Extra}, nil
}

func refused(saw string) *diag.Diagnostic { return diag.New(diag.CredentialsRefused).Saw(saw) }
