// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadel

import (
	"cmp"
	"net"
	"net/url"
	"strconv"

	"nationtech.io/harmony/capability/kube"
)

// servicePort is where the chart's Service listens.
const servicePort = 8080

// Ref is what other Scores need to know of a Zitadel: computed from its fields alone.
type Ref struct {
	Namespace, Name string
	Domain          string
	Port            int
	Insecure        bool
}

// Ref refers to this Zitadel.
func (s Score) Ref() Ref {
	return Ref{Namespace: s.Namespace, Name: cmp.Or(s.Title, defaultTitle), Domain: s.Domain, Port: s.Port, Insecure: s.Insecure}
}

// IssuerURL is what tokens name as their issuer, and where clients find everything else.
func (r Ref) IssuerURL() string {
	u := url.URL{Scheme: r.scheme(), Host: r.Host()}
	return u.String()
}

// Host is the name by which Zitadel knows which of its instances a request is for: the domain, and the port where that is
// not the usual one.
func (r Ref) Host() string {
	if r.port() == usual(r.Insecure) {
		return r.Domain
	}
	return net.JoinHostPort(r.Domain, strconv.Itoa(r.port()))
}

// Service is where it is reached within the cluster, without TLS.
func (r Ref) Service() kube.Service {
	return kube.Service{Namespace: r.Namespace, Name: r.Name, Port: servicePort}
}

// AdministratorSecret names the Secret with the token of the first administrator, under AdministratorKey. The chart's job
// makes it once, with the first instance.
func (Ref) AdministratorSecret() string { return administrator + "-pat" }

// AdministratorKey is the key of the token in the administrator's Secret.
const AdministratorKey = "pat"

func (r Ref) port() int { return cmp.Or(r.Port, usual(r.Insecure)) }

func usual(insecure bool) int {
	if insecure {
		return 80
	}
	return 443
}

func (r Ref) scheme() string {
	if r.Insecure {
		return "http"
	}
	return "https"
}
