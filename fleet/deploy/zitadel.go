// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"fmt"
	"net/http"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/score/zitadel"
	"nationtech.io/harmony/score/zitadelsetup"
)

// Zitadel is one that knows a fleet's devices, and what the fleet needs in it. Setup makes that, and is deployed before who is
// told of this provider.
type Zitadel struct {
	// Namespace is that of the fleet: the keys of machines are Secrets there.
	Namespace string
	// Zitadel is where it stands.
	Zitadel zitadel.Ref
	// Project is the name of the project that tokens are for; "harmony-" and the Namespace when empty. Fleets of one project let in each
	// other's operators and readers: those that share a Zitadel and are called alike, in two clusters, need two.
	Project string
	// Devices are those whose key is made by Setup, such as the ones whose agents are Pods.
	Devices []contract.DeviceID
	// Authority is the PEM text of the authority that the certificate of its domain is from; empty for those of the system.
	Authority string
}

var _ identity.Provider = Zitadel{}

// Setup is what the fleet needs in it: the roles, the devices, the one that smoke tests are, and the one that enrols others.
func (z Zitadel) Setup() zitadelsetup.Score {
	s := zitadelsetup.Score{
		Namespace: z.Namespace, Zitadel: z.Zitadel, Project: z.Project,
		Roles: []zitadelsetup.Role{
			{Key: string(contract.RoleDevice), Name: "A device of a fleet"},
			{Key: string(contract.RoleReader), Name: "Hears what devices report"},
			{Key: string(contract.RoleOperator), Name: "Has the rights of a fleet's control plane"},
		},
		Enrols: string(contract.RoleDevice),
	}
	seen := map[contract.DeviceID]bool{}
	for _, id := range append(z.Devices[:len(z.Devices):len(z.Devices)], calloutProbe(z.Namespace)) {
		if !seen[id] {
			s.Machines = append(s.Machines, zitadelsetup.Machine{Name: id.String(), Roles: []string{string(contract.RoleDevice)}})
		}
		seen[id] = true
	}
	return s
}

// Facts has the id of the project, which Zitadel gave to it when Setup was deployed. A plan before that knows it after the apply.
func (z Zitadel) Facts(ctx context.Context, on kube.Cluster) (identity.Facts, error) {
	ref := z.Setup().Ref()
	audience, err := ref.Audience(ctx, on)
	if err != nil {
		if conn, unreached := on.Dial(ctx, z.Zitadel.Service()); unreached != nil {
			return identity.Facts{}, unreached
		} else if err := conn.Close(); err != nil {
			return identity.Facts{}, fmt.Errorf("leave Zitadel: %w", err)
		}
		return identity.Facts{}, err
	}
	return identity.Facts{
		Kind: contract.ProviderZitadel, Enroller: identity.Machine{Secret: ref.MachineSecret(ref.Enroller()), Name: ref.Enroller()},
		Issuer: ref.IssuerURL(), DeviceClaim: ref.DeviceClaim(), RolesClaim: zitadelsetup.RolesClaim(audience), Audience: audience, Scope: zitadelsetup.Scope(audience),
	}, nil
}

// Pinned is the Authority.
func (z Zitadel) Pinned(context.Context, kube.Cluster) (string, harmony.Outcome, error) {
	return z.Authority, harmony.Outcome{}, nil
}

// Client reaches Zitadel through the cluster, behind what ends TLS for others.
func (z Zitadel) Client(_ context.Context, on kube.Cluster) (*http.Client, error) {
	return z.Zitadel.Client(on), nil
}

// Machine gives the key that Setup has made, by the name that Zitadel has for it.
func (z Zitadel) Machine(ctx context.Context, on kube.Reader, name string) (identity.Machine, error) {
	m := identity.Machine{Secret: z.Setup().Ref().MachineSecret(name), Name: name}
	kept, err := on.Secret(ctx, z.Namespace, m.Secret)
	if err != nil {
		return m, err
	}
	if m.KeyID = kept[zitadelsetup.KeyIDKey].Reveal(); m.KeyID == "" || kept[identity.KeyFile].IsZero() {
		return m, diag.New(diag.TokenNotGiven, "machine "+name).Saw("there is no key of it in Secret/" + m.Secret + " of namespace " + z.Namespace).
			Try("deploy " + z.Setup().Name() + " first, with " + name + " among its devices")
	}
	return m, nil
}
