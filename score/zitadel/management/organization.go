// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package management

import (
	"context"
	"net/http"
	"slices"
)

type organization struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// In is the API in an organization of that name; nil when there is none. Only an administrator of the instance may look.
func (a API) In(ctx context.Context, name string) (*API, error) {
	all, err := list[organization](ctx, a, "/admin/v1/orgs", Equals("nameQuery", "name", name))
	i := slices.IndexFunc(all, func(o organization) bool { return o.Name == name })
	if i < 0 {
		return nil, err
	}
	a.Organization = all[i].ID
	return &a, err
}

// OwnIn is In, after it has made the organization if there was none.
func (a API) OwnIn(ctx context.Context, name string, changed Changed) (*API, error) {
	in, fresh, err := Made(ctx, func(ctx context.Context) (*API, error) { return a.In(ctx, name) }, func(ctx context.Context) error {
		return a.Ask(ctx, http.MethodPost, "/orgs", map[string]any{"name": name}, nil)
	})
	if err == nil && fresh {
		changed(Created, "Zitadel organization/"+name, "")
	}
	return in, err
}

// userManager may make users of its organization, and give them keys and roles. Zitadel has no right that is less and does.
const userManager = "ORG_USER_MANAGER"

// Manages lets a machine manage the users of the organization, and nothing else in it.
func (a API) Manages(ctx context.Context, machine string, changed Changed) error {
	type member struct {
		UserID string   `json:"userId"`
		Roles  []string `json:"roles"`
	}
	what, roles := "Zitadel member/"+machine, []string{userManager}
	m, fresh, err := Made(ctx, func(ctx context.Context) (*member, error) {
		return Found(ctx, a, "/orgs/me/members", func(m member) bool { return m.UserID == machine }, map[string]any{"userIdQuery": map[string]any{"userId": machine}})
	}, func(ctx context.Context) error {
		return a.Ask(ctx, http.MethodPost, "/orgs/me/members", map[string]any{"userId": machine, "roles": roles}, nil)
	})
	switch {
	case err != nil:
		return err
	case fresh:
		changed(Created, what, userManager)
	case !slices.Equal(m.Roles, roles):
		if err := a.Ask(ctx, http.MethodPut, "/orgs/me/members/"+machine, map[string]any{"roles": roles}, nil); err != nil {
			return err
		}
		changed(Repaired, what, "what it may")
	}
	return nil
}
