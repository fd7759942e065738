// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"cmp"
	"context"
	"net"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/score/nats"
)

// ServerPlace is the union of what the parts of Server need.
type ServerPlace interface {
	NATSPlace
	OperatorPlace
	IssuerPlace
	CalloutPlace
}

// Server is what a fleet needs besides its devices: NATS, the operator, and who knows devices and people.
type Server struct {
	NATS NATS
	// OperatorReplicas and Grants are those of the Operator.
	OperatorReplicas int
	Grants           []fleet.Grant
	// Identity lets devices and people come in by tokens. Where it is nil, each device has a password: the way of development.
	Identity *Identity
	// DeviceHost is the name or address by which devices outside of the cluster reach the ports of its nodes. Without it they
	// are not told where the fleet is.
	DeviceHost string
}

// Identity says who knows devices and people. The zero value is an issuer of the fleet's own.
type Identity struct {
	// Provider is one that others run; the fleet has an issuer of its own when it is nil.
	Provider identity.Provider
	// IssuerPort is a port of every node on which devices outside of the cluster reach the fleet's own issuer; none when zero.
	IssuerPort int
	// CalloutReplicas is that of the Callout.
	CalloutReplicas int
}

var (
	_ harmony.Score[ServerPlace]     = Server{}
	_ harmony.Composite[ServerPlace] = Server{}
	_ harmony.Remover[ServerPlace]   = Server{}
)

// Name is "server".
func (Server) Name() string { return "server" }

// Parts are NATS; after it the operator, whose smoke test goes through it, and which makes the fleet's FleetState; after that the
// issuer, whose tokens are for the fleet that the FleetState is; and the callout, which asks the issuer for its keys.
func (s Server) Parts(on ServerPlace) []*harmony.Placement {
	server := harmony.Place(s.Stands()).On(on)
	operator := harmony.Place(s.Operator()).On(on).After(server)
	parts := []*harmony.Placement{server, operator}
	if s.Identity == nil {
		return parts
	}
	callout := harmony.Place(s.Callout()).On(on).After(operator)
	if s.Identity.Provider == nil {
		issuer := harmony.Place(s.Issuer()).On(on).After(operator)
		parts, callout = append(parts, issuer), callout.After(issuer)
	}
	return append(parts, callout)
}

// Interpret takes away what an Identity that the Server has no longer left, and writes down where devices connect, for who enrols them.
func (s Server) Interpret(ctx context.Context, on ServerPlace) (harmony.Outcome, error) {
	outcome, err := s.clear(ctx, on.Kubernetes())
	if err != nil || s.Identity == nil {
		return outcome, err
	}
	facts, err := s.Provider().Facts(ctx, on.Kubernetes())
	if err != nil {
		return outcome, err
	}
	pinned, made, err := s.Provider().Pinned(ctx, on.Kubernetes())
	outcome.Changes = append(outcome.Changes, made.Changes...)
	if err != nil {
		return outcome, err
	}
	servers, made, err := s.Stands().Ref().Pinned(ctx, on.Kubernetes())
	outcome.Changes = append(outcome.Changes, made.Changes...)
	if err != nil {
		return outcome, err
	}
	written, err := on.Kubernetes().Apply(ctx, s.inventory(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.NATS.Namespace, Name: accessName}, Data: s.access(facts, trust{servers, pinned}),
	})
	outcome.Changes = append(outcome.Changes, written.Changes...)
	return outcome, err
}

// accessName is the ConfigMap with what an agent must be told to find its fleet.
const accessName = "harmony-fleet-access"

// access is what it has. The authorities of provider and NATS are one where the issuer is the fleet's own; where they are two,
// an empty text stands for those of the system. Which kind of provider it is, and as which machine devices are enrolled at it, is for
// who enrols them.
func (s Server) access(facts identity.Facts, trusted trust) map[string]string {
	url := s.Stands().Ref().URL()
	if s.DeviceHost != "" && s.NATS.DevicePort > 0 {
		url = "tls://" + net.JoinHostPort(s.DeviceHost, strconv.Itoa(s.NATS.DevicePort))
	}
	told := map[string]string{"nats-urls": url, "issuer-url": facts.Issuer, "ca.pem": trusted.nats, "provider": cmp.Or(facts.Kind, "other")}
	if facts.Enroller.Name != "" {
		told["audience"], told["scope"], told["enroller"], told["enroller-secret"] = facts.Audience, facts.Scope, facts.Enroller.Name, facts.Enroller.Secret
	}
	if trusted.provider != trusted.nats {
		told["issuer-ca.pem"] = trusted.provider
	}
	return told
}

// Remove takes what Interpret wrote, and what is left of former parts; the parts are taken by themselves.
func (s Server) Remove(ctx context.Context, on ServerPlace, how harmony.Removal) (all harmony.Removed, err error) {
	inventories := []kube.Inventory{s.inventory()}
	for _, f := range s.formers() {
		if f.inventory != s.inventory() {
			inventories = append(inventories, f.inventory)
		}
	}
	for _, inventory := range slices.Backward(inventories) { // a namespace goes with the last one
		removed, err := on.Kubernetes().Remove(ctx, inventory, how)
		all.Gone, all.Kept, all.Shared = append(all.Gone, removed.Gone...), append(all.Kept, removed.Kept...), removed.Shared
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func (s Server) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.NATS.Namespace, Name: s.Name()}
}

// SmokeTest asks NATS once more, now that the operator writes to its streams. The operator's own smoke test, which sends a
// Deployment to a device, and that of the callout came before.
func (s Server) SmokeTest(ctx context.Context, on ServerPlace) error {
	return s.Stands().SmokeTest(ctx, on)
}

// Stands is the NATS of a Server, with what the identity of devices asks of it.
func (s Server) Stands() NATS {
	n := s.NATS
	if s.DeviceHost != "" {
		n.Hosts = append(n.Hosts[:len(n.Hosts):len(n.Hosts)], s.DeviceHost)
	}
	if s.Identity == nil {
		return n
	}
	n.Devices, n.CalloutKeys = nil, max(n.CalloutKeys, 1)
	if n.TLS == nil {
		n.TLS = &nats.TLS{}
	}
	return n
}

// Operator is that of a Server.
func (s Server) Operator() Operator {
	return Operator{
		Namespace: s.NATS.Namespace, Replicas: s.OperatorReplicas, NATS: s.Stands().Ref(), NATSReplicas: s.NATS.Replicas, Grants: s.Grants,
	}
}

// Issuer is the fleet's own, of a Server that has one. It makes keys for the devices that would otherwise have passwords.
func (s Server) Issuer() Issuer {
	i := Issuer{Namespace: s.NATS.Namespace, NATS: s.Stands().Ref(), Devices: s.NATS.Devices, OutsidePort: s.Identity.IssuerPort}
	if s.DeviceHost != "" && i.OutsidePort > 0 {
		i.URL = "https://" + net.JoinHostPort(s.DeviceHost, strconv.Itoa(i.OutsidePort))
	}
	return i
}

// Provider is who knows devices; nil where they have passwords.
func (s Server) Provider() identity.Provider {
	switch {
	case s.Identity == nil:
		return nil
	case s.Identity.Provider != nil:
		return s.Identity.Provider
	}
	return s.Issuer().Ref()
}

// Callout is that of a Server that has an Identity.
func (s Server) Callout() Callout {
	return Callout{Namespace: s.NATS.Namespace, NATS: s.Stands().Ref(), Identity: s.Provider(), Replicas: s.Identity.CalloutReplicas}
}
