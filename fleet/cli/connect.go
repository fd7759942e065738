// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/transport"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/issuer/admin"
	"nationtech.io/harmony/fleet/people"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/wait"
)

// leaderLimit is for how long a leader is looked for: a new one takes over within seconds.
const leaderLimit = 30 * time.Second

// A session is a person who speaks with the leader of a fleet.
type session struct {
	options
	kube    *kube.Client
	objects client.Client
	secured *tls.Config // with the person's own certificate, if there is one
	http    *http.Client
	lasting time.Duration                               // how long a failure must last before a Deployment is no longer waited for
	issuer  func(context.Context) (admin.Client, error) // how the fleet's issuer is administrated
	// held reads a Secret of the fleet, and outside reaches an identity provider that has a certificate of these authorities.
	held    func(ctx context.Context, name string) (map[string]secret.Value, error)
	outside func(authorities string) (http.RoundTripper, error)
}

// open prepares a session; the leader is looked for when it is first asked.
func (o *options) open() (*session, error) {
	k, err := kube.Connect(kube.Options{Kubeconfig: o.kubeconfig, Context: o.context, Version: cli.Version()})
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(fleet.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		return nil, diag.New(diag.BadKubeconfig).Because(err)
	}
	objects, err := client.New(k.Config(), client.Options{Scheme: scheme})
	if err != nil {
		return nil, diag.New(diag.BadKubeconfig).Because(err)
	}
	as, err := k.Config().TransportConfig()
	if err != nil {
		return nil, diag.New(diag.BadKubeconfig).Saw("its credentials cannot be used").Because(err)
	}
	secured, err := transport.TLSConfigFor(as)
	if err != nil {
		return nil, diag.New(diag.BadKubeconfig).Saw("its credentials cannot be used").Because(err)
	}
	if secured == nil {
		secured = &tls.Config{}
	}
	s := &session{options: *o, kube: k, objects: objects, secured: secured, lasting: lasting}
	s.issuer, s.outside = s.reachIssuer, outside
	s.held = func(ctx context.Context, name string) (map[string]secret.Value, error) {
		return k.Secret(ctx, o.fleet, name)
	}
	// The wrappers put the person's token on requests, which go over a connection to the leader alone.
	person, err := transport.HTTPWrappersForConfig(as, &http.Transport{DialTLSContext: s.dial, DisableCompression: true})
	if err != nil {
		return nil, diag.New(diag.BadKubeconfig).Saw("its credentials cannot be used").Because(err)
	}
	s.http = &http.Client{Transport: person}
	return s, nil
}

// dial connects to the leader, whichever it is by now.
func (s *session) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	var conn net.Conn
	err := wait.Until(ctx, "the leader of fleet "+s.fleet, wait.Pace{Limit: leaderLimit}, func(ctx context.Context) (string, bool, error) {
		f, err := s.state(ctx)
		if err != nil {
			return "", false, err
		}
		if f.Status.API == nil || f.Status.Leader == "" {
			return "the FleetState names no leader that answers people", false, nil
		}
		conn, err = s.reach(ctx, f)
		var d *diag.Diagnostic
		if errors.As(err, &d) && d.Code == diag.Forbidden {
			return "", false, err
		}
		if err != nil {
			return "Pod " + f.Status.Leader + ": " + err.Error(), false, nil //nolint:nilerr // another may lead by the next look
		}
		return "", true, nil
	})
	var gaveUp *wait.GaveUp
	if errors.As(err, &gaveUp) && ctx.Err() == nil {
		var found *diag.Diagnostic
		if errors.As(err, &found) {
			return nil, found
		}
		return nil, diag.New(diag.NobodyLeads, "fleet "+s.fleet).Saw(gaveUp.Saw).Try("look at the operator:",
			"kubectl --namespace "+s.fleet+" get pods,fleetstate", "kubectl --namespace "+s.fleet+" logs deployment/harmony-fleet-operator")
	}
	return conn, err
}

func (s *session) state(ctx context.Context) (*fleet.FleetState, error) {
	var f fleet.FleetState
	err := s.objects.Get(ctx, types.NamespacedName{Namespace: s.fleet, Name: fleet.FleetStateName}, &f)
	switch {
	case err == nil:
		return &f, nil
	case apierrors.IsNotFound(err), meta.IsNoMatchError(err):
		return nil, diag.New(diag.FleetMissing, "namespace "+s.fleet).Saw("there is no FleetState").
			Try("name the fleet: --fleet NAMESPACE", "find it: kubectl get fleetstates --all-namespaces", "make one: harmony-fleet-deploy all --topology NAME")
	case apierrors.IsForbidden(err):
		return nil, diag.New(diag.RightMissing, "fleet "+s.fleet).Because(err).
			Try("ask whoever gives rights in this cluster for the Role harmony-fleet-reach in namespace " + s.fleet)
	}
	if unreached := s.kube.Answers(ctx); unreached != nil {
		return nil, unreached
	}
	return nil, diag.New(diag.NobodyLeads, "fleet "+s.fleet).Because(err)
}

// reach makes a connection to the leader and makes sure that it is the one which the FleetState means.
func (s *session) reach(ctx context.Context, f *fleet.FleetState) (net.Conn, error) {
	raw, err := s.kube.DialPod(ctx, s.fleet, f.Status.Leader, int(f.Status.API.Port))
	if err != nil {
		return nil, err
	}
	secured := s.secured.Clone()
	secured.MinVersion, secured.ServerName, secured.RootCAs, secured.InsecureSkipVerify = tls.VersionTLS13, people.Name, x509.NewCertPool(), false
	secured.NextProtos = nil
	secured.RootCAs.AppendCertsFromPEM([]byte(f.Status.API.Certificate))
	conn := tls.Client(raw, secured)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close() // what went wrong is told
		return nil, err
	}
	return conn, nil
}
