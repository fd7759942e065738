// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"net"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
	"nationtech.io/harmony/secret"
)

// What the fleet's Scores call the issuer and what devices are told.
const (
	issuerName      = "harmony-fleet-issuer" // label app.kubernetes.io/name of its Pod
	issuerAdminPort = 8089                   // on the loopback of the Pod
	issuerSecret    = "issuer-admin"
	issuerTokenKey  = "token"
	accessName      = "harmony-fleet-access"

	authoritiesKey       = "ca.pem"        // of the certificate of NATS
	issuerAuthoritiesKey = "issuer-ca.pem" // of the issuer's, where they are others; empty for those of the system
)

// reachIssuer gives the issuer as its administrator reaches it: through a port-forward to its Pod, with the token that
// stands in a Secret. So whoever may read that Secret and forward a port may administrate it, and nobody else.
func (s *session) reachIssuer(ctx context.Context) (admin.Client, error) {
	held, err := s.kube.Secret(ctx, s.fleet, issuerSecret)
	if err != nil {
		return admin.Client{}, err
	}
	pods, err := s.kube.Pods(ctx, s.fleet, map[string]string{"app.kubernetes.io/name": issuerName})
	if err != nil {
		return admin.Client{}, err
	}
	pod, err := s.issuerPod(held, pods)
	if err != nil {
		return admin.Client{}, err
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return s.kube.DialPod(ctx, s.fleet, pod, issuerAdminPort)
	}
	return admin.Client{URL: "http://" + issuerName, Token: held[issuerTokenKey], HTTP: admin.NewHTTP(&http.Transport{DialContext: dial})}, nil
}

// issuerPod is the Pod of the issuer that runs, if there is a token for it.
func (s *session) issuerPod(held map[string]secret.Value, pods []corev1.Pod) (string, error) {
	missing := diag.New(diag.IssuerMissing, "fleet "+s.fleet)
	if held[issuerTokenKey].IsZero() {
		return "", missing.Saw("there is no Secret/" + issuerSecret + " with a key " + issuerTokenKey).Try("kubectl --namespace " + s.fleet + " get secrets")
	}
	saw := "no Pod has the label app.kubernetes.io/name=" + issuerName
	for _, p := range pods {
		if p.Status.Phase == corev1.PodRunning && p.DeletionTimestamp == nil {
			return p.Name, nil
		}
		saw = "Pod/" + p.Name + " is " + string(p.Status.Phase) + ", or is being deleted"
	}
	return "", missing.Saw(saw).Try("kubectl --namespace " + s.fleet + " get pods")
}

// An entrance is how devices come into a fleet.
type entrance struct {
	plane    contract.PlaneID
	issuer   string // its address
	provider string // which kind it is; empty where the Score that wrote it knew one kind only
	// audience, scope, enroller and the name of its Secret are there where devices are enrolled by a machine.
	audience, scope, enroller, secret string
	contract.Access
}

// entrance reads how devices come in: what they obey from the FleetState, and where they connect from a ConfigMap that the
// fleet's Score writes.
func (s *session) entrance(ctx context.Context) (entrance, error) {
	state, err := s.state(ctx)
	if err != nil {
		return entrance{}, err
	}
	e := entrance{}
	unknown := diag.New(diag.AccessUnknown, "fleet "+s.fleet)
	if e.plane, err = contract.ParsePlaneID(string(state.UID)); err != nil {
		return entrance{}, unknown.Because(err)
	}
	var m corev1.ConfigMap
	err = s.objects.Get(ctx, types.NamespacedName{Namespace: s.fleet, Name: accessName}, &m)
	switch {
	case apierrors.IsNotFound(err):
		return entrance{}, unknown.Saw("there is no ConfigMap/"+accessName+" in namespace "+s.fleet).
			Try("deploy the fleet with an issuer: it writes that ConfigMap", "kubectl --namespace "+s.fleet+" get configmaps")
	case err != nil:
		return entrance{}, unknown.Because(err)
	}
	e.issuer, e.provider = strings.TrimSpace(m.Data["issuer-url"]), m.Data["provider"]
	e.audience, e.scope, e.enroller, e.secret = m.Data["audience"], m.Data["scope"], m.Data["enroller"], m.Data["enroller-secret"]
	e.Authorities = m.Data[authoritiesKey]
	if others, ok := m.Data[issuerAuthoritiesKey]; ok {
		e.IssuerAuthorities = &others
	}
	for server := range strings.SplitSeq(m.Data["nats-urls"], ",") {
		if server = strings.TrimSpace(server); server != "" {
			e.NATS = append(e.NATS, server)
		}
	}
	if e.issuer == "" {
		return entrance{}, unknown.Saw("ConfigMap/" + accessName + " has no key issuer-url")
	}
	if err := e.Check(); err != nil {
		return entrance{}, unknown.Saw("ConfigMap/" + accessName + " cannot be used").Because(err)
	}
	return e, nil
}
