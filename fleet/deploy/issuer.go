// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/score/authority"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/secret/derive"
)

// IssuerPlace is what the issuer needs: objects applied, watched and reached, and an image that its Pod can run.
type IssuerPlace interface {
	kube.Place
	image.Place
}

// Issuer is the identity provider of a fleet that has no other.
type Issuer struct {
	Namespace string
	// NATS is the fleet's NATS: its authority is the one that the issuer's certificate is from, so that devices pin one.
	NATS NATSRef
	// Devices are those whose key is made by this Score, such as the ones whose agents are Pods. Others are enrolled.
	Devices []contract.DeviceID
	// URL is what the issuer is called, and where it is reached: https://HOST[:PORT]. When it is empty, that is its name in the
	// cluster; devices outside are told its address beside it.
	URL string
	// OutsidePort is a port of every node on which devices outside of the cluster reach it; none when zero.
	OutsidePort int
}

// IssuerImage is the issuer, built from this module.
var IssuerImage = image.Image{Name: "harmony-fleet-issuer", Package: "nationtech.io/harmony/cmd/harmony-fleet-issuer"}

var (
	_ harmony.Score[IssuerPlace]   = Issuer{}
	_ harmony.Remover[IssuerPlace] = Issuer{}
	_ identity.Provider            = IssuerRef{}
)

// Name is "issuer".
func (Issuer) Name() string { return "issuer" }

// Interpret makes the issuer stand, and the keys of the machines that the Score knows.
func (s Issuer) Interpret(ctx context.Context, on IssuerPlace) (outcome harmony.Outcome, err error) {
	if err := s.check(); err != nil {
		return outcome, err
	}
	reference, err := on.Images().Provide(ctx, IssuerImage)
	if err != nil {
		return outcome, err
	}
	_, outcome, err = on.Kubernetes().Generate(ctx, s.inventory(), issuerAdmin, issuerAdminToken)
	if err != nil {
		return outcome, err
	}
	machines, made, err := s.machines(ctx, on.Kubernetes())
	outcome.Changes = append(outcome.Changes, made.Changes...)
	if err != nil {
		return outcome, err
	}
	certificate, made, err := s.authority().Issue(ctx, on.Kubernetes(), time.Now(), s.hosts()...)
	outcome.Changes = append(outcome.Changes, made.Changes...)
	if err != nil {
		return outcome, err
	}
	objects, err := s.objects(reference, machines, certificate)
	if err != nil {
		return outcome, err
	}
	stands, err := on.Kubernetes().Apply(ctx, s.inventory(), objects...)
	outcome.Changes = append(outcome.Changes, stands.Changes...)
	return outcome, err
}

// Remove takes the issuer away. Who there is, and the keys, are data.
func (s Issuer) Remove(ctx context.Context, on IssuerPlace, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), how)
}

func (s Issuer) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}

func (s Issuer) authority() authority.Ref { return s.NATS.Authority() }

// hosts are the names in the issuer's certificate.
func (s Issuer) hosts() []string {
	own := s.Ref().host()
	all := []string{own, own + ".cluster.local"}
	if host := hostOf(s.URL); host != "" {
		all = append(all, host)
	}
	return all
}

func (s Issuer) check() error {
	bad := diag.New(diag.BadPlacement)
	if s.Namespace == "" || s.Namespace != s.NATS.Namespace {
		bad.Saw("the issuer's namespace is \"" + s.Namespace + "\" and that of its NATS is \"" + s.NATS.Namespace + "\"").
			Note("both have certificates of one authority, whose Secret is beside NATS")
	}
	if s.URL != "" && (hostOf(s.URL) == "" || !strings.HasPrefix(s.URL, "https://")) {
		bad.Saw("the issuer's URL is \"" + s.URL + "\"").Try("take https://HOST or https://HOST:PORT")
	}
	if s.OutsidePort < 0 || s.OutsidePort > 65535 {
		bad.Saw(fmt.Sprintf("the issuer's outside port is %d", s.OutsidePort)).Try("take one of the cluster's node ports, by default 30000 to 32767, or none")
	}
	if len(bad.Evidence) > 0 {
		return bad
	}
	return nil
}

// A machine is one that the Score declares.
type machine struct {
	id      contract.DeviceID
	private secret.Value // PEM text
	public  string       // PEM text
}

// machines are the devices and the one that smoke tests are, with their keys.
func (s Issuer) machines(ctx context.Context, on kube.Applier) (all []machine, outcome harmony.Outcome, err error) {
	ids := append(s.Devices[:len(s.Devices):len(s.Devices)], calloutProbe(s.Namespace))
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			continue
		}
		values, made, err := on.Generate(ctx, s.inventory(), "issuer-seed-"+id.String(), seedKey)
		outcome.Changes = append(outcome.Changes, made.Changes...)
		if err != nil {
			return nil, outcome, err
		}
		m, err := newMachine(id, values[seedKey])
		if err != nil {
			return nil, outcome, err
		}
		all = append(all, m)
	}
	return all, outcome, nil
}

const seedKey = "seed"

func newMachine(id contract.DeviceID, seed secret.Value) (machine, error) {
	der, err := x509.MarshalPKCS8PrivateKey(derive.ECDSA(seed, "machine "+id.String()))
	if err != nil {
		return machine{}, fmt.Errorf("write the key of %s: %w", id, err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	key, err := assertion.Parse(text, "")
	if err != nil {
		return machine{}, fmt.Errorf("read the key of %s: %w", id, err)
	}
	return machine{id, secret.New(string(text)), string(key.Public())}, nil
}

// declared is what the issuer reads of the machines.
func declared(machines []machine) (string, error) {
	type entry struct {
		Name  string          `json:"name"`
		Roles []contract.Role `json:"roles"`
		Key   string          `json:"key"`
	}
	list := []entry{}
	for _, m := range machines {
		list = append(list, entry{m.id.String(), []contract.Role{contract.RoleDevice}, m.public})
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the machines of the issuer: %w", err)
	}
	return string(text), nil
}
