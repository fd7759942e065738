// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadelsetup

import (
	"context"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/score/zitadel"
	"nationtech.io/harmony/score/zitadel/management"
)

// reach is the API as the administrator of the instance has it, after Zitadel has answered.
func (s Score) reach(ctx context.Context, on kube.Cluster) (*management.API, error) {
	name := s.Zitadel.AdministratorSecret()
	z := &management.API{
		URL: s.Zitadel.IssuerURL(), HTTP: s.Zitadel.Client(on),
		Help: "the administrator's token has ended, or its machine is no IAM_OWNER any more: put another into Secret " + name,
	}
	if err := z.Answers(ctx); err != nil {
		return nil, err
	}
	values, err := on.Secret(ctx, s.Zitadel.Namespace, name)
	if err != nil {
		return nil, err
	}
	if z.Token = values[zitadel.AdministratorKey]; z.Token.IsZero() {
		return nil, diag.New(diag.ZitadelRefuses, "Secret/"+name).Saw("there is no token of an administrator in it").
			Try("Zitadel's set-up job makes it with the first instance; for an instance that is older, make a token of a machine that is IAM_OWNER, and put it there under the key " + zitadel.AdministratorKey)
	}
	return z, nil
}

// within is the API in the organization that this has made; nil when there is none.
func (s Score) within(ctx context.Context, on kube.Cluster) (*management.API, error) {
	z, err := s.reach(ctx, on)
	if err != nil {
		return nil, err
	}
	return z.In(ctx, s.Ref().Project)
}
