// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadelsetup

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/secret"
)

// run is one Interpret: what it knows and what it changed.
type run struct {
	Score
	api     *api
	on      kube.Cluster
	outcome harmony.Outcome

	projectID, clientID string
}

type project struct {
	ID                   string `json:"id"`
	Name                 string `json:"name"`
	ProjectRoleAssertion bool   `json:"projectRoleAssertion"`
	ProjectRoleCheck     bool   `json:"projectRoleCheck"`
	HasProjectCheck      bool   `json:"hasProjectCheck"`
}

type role struct {
	Key         string `json:"key"`
	DisplayName string `json:"displayName"`
	Group       string `json:"group"`
}

type app struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	API  *struct {
		ClientID string `json:"clientId"`
	} `json:"apiConfig"`
}

type user struct {
	ID       string `json:"id"`
	UserName string `json:"userName"`
	State    string `json:"state"`
	Machine  *struct {
		Name            string `json:"name"`
		Description     string `json:"description"`
		AccessTokenType string `json:"accessTokenType"`
	} `json:"machine"`
}

type grant struct {
	ID        string   `json:"id"`
	UserID    string   `json:"userId"`
	UserName  string   `json:"userName"`
	ProjectID string   `json:"projectId"`
	RoleKeys  []string `json:"roleKeys"`
	State     string   `json:"state"`
}

const (
	// jwt makes tokens that can be verified without asking Zitadel.
	jwt = "ACCESS_TOKEN_TYPE_JWT"
	// grantInactive is a grant that tokens do not say.
	grantInactive = "USER_GRANT_STATE_INACTIVE"
	userActive    = "USER_STATE_ACTIVE"
)

func (r *run) changed(ctx context.Context, action harmony.Action, what, detail string) {
	event.Emit(ctx, event.Changed{Action: string(action), Object: what, Detail: detail})
	r.outcome.Changes = append(r.outcome.Changes, harmony.Change{Action: action, Object: what, Detail: detail})
}

// all makes everything, in the order in which one stands on another.
func (r *run) all(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.project, r.roles, r.app, r.machines, r.keys} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// project finds a project by its name; nil when there is none.
func (z *api) project(ctx context.Context, name string) (*project, error) {
	return found(ctx, z, "/projects", func(p project) bool { return p.Name == name }, equals("nameQuery", "name", name))
}

func (r *run) project(ctx context.Context) error {
	name := r.Ref().Project
	wanted := map[string]any{"name": name, "projectRoleAssertion": true, "projectRoleCheck": true, "hasProjectCheck": false}
	p, fresh, err := made(ctx, func(ctx context.Context) (*project, error) { return r.api.project(ctx, name) }, func(ctx context.Context) error { return r.api.ask(ctx, http.MethodPost, "/projects", wanted, nil) })
	if err != nil {
		return err
	}
	r.projectID = p.ID
	if err := r.takes(ctx, p, fresh); err != nil {
		return err
	}
	switch {
	case fresh:
		r.changed(ctx, harmony.Created, "Zitadel project/"+name, "")
	case !p.ProjectRoleAssertion || !p.ProjectRoleCheck || p.HasProjectCheck:
		if err := r.api.ask(ctx, http.MethodPut, "/projects/"+p.ID, wanted, nil); err != nil {
			return err
		}
		r.changed(ctx, harmony.Repaired, "Zitadel project/"+name, "what its tokens say and whom it lets in")
	}
	return nil
}

// takes says that a project was there before this component had one. A run that was killed may have made it; so may another fleet.
func (r *run) takes(ctx context.Context, p *project, fresh bool) error {
	facts, err := r.on.Secret(ctx, r.Namespace, r.Ref().FactsSecret())
	if err == nil && !fresh && !facts[projectKey].Equal(secret.New(p.ID)) {
		event.Emit(ctx, event.Notice{Text: "the project " + p.Name + " was there, and is taken over: if it is another fleet's, each lets in the other's operators and readers; give one of them another Project"})
	}
	return err
}

func (r *run) roles(ctx context.Context) error {
	at := "/projects/" + r.projectID + "/roles"
	has, err := list[role](ctx, r.api, at)
	if err != nil {
		return err
	}
	for _, want := range r.Roles {
		name := cmp.Or(want.Name, want.Key)
		what := "Zitadel role/" + want.Key
		i := slices.IndexFunc(has, func(h role) bool { return h.Key == want.Key })
		switch {
		case i < 0:
			err := r.api.ask(ctx, http.MethodPost, at, map[string]any{"roleKey": want.Key, "displayName": name}, nil)
			if err != nil && !errors.Is(err, errThere) {
				return err
			}
			r.changed(ctx, harmony.Created, what, "")
		case has[i].DisplayName != name:
			if err := r.api.ask(ctx, http.MethodPut, at+"/"+want.Key, map[string]any{"displayName": name, "group": has[i].Group}, nil); err != nil {
				return err
			}
			r.changed(ctx, harmony.Updated, what, "its name")
		}
	}
	for _, h := range has {
		if !slices.ContainsFunc(r.Roles, func(want Role) bool { return want.Key == h.Key }) {
			event.Emit(ctx, event.Notice{Text: "the project " + r.Ref().Project + " has the role " + h.Key + ", which is not one of this component; it is left"})
		}
	}
	return nil
}

// app is who verifies tokens: Zitadel puts its client id into the audience of tokens, beside that of the project.
func (r *run) app(ctx context.Context) error {
	name, at := r.Ref().Project+"-verifier", "/projects/"+r.projectID+"/apps"
	a, fresh, err := made(ctx, func(ctx context.Context) (*app, error) {
		return found(ctx, r.api, at, func(a app) bool { return a.Name == name }, equals("nameQuery", "name", name))
	}, func(ctx context.Context) error {
		return r.api.ask(ctx, http.MethodPost, at+"/api", map[string]any{"name": name, "authMethodType": "API_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT"}, nil)
	})
	if err != nil {
		return err
	}
	if a.API == nil {
		return diag.New(diag.NotOurs, "Zitadel application/"+name).Saw("it is no API application").Try("rename it, or give the project another name")
	}
	if r.clientID = a.API.ClientID; fresh {
		r.changed(ctx, harmony.Created, "Zitadel application/"+name, "")
	}
	return nil
}

// machine finds a machine user by its name; nil when there is none.
func (z *api) machine(ctx context.Context, name string) (*user, error) {
	u, err := found(ctx, z, "/users", func(u user) bool { return u.UserName == name }, equals("userNameQuery", "userName", name))
	if u != nil && u.Machine == nil {
		return nil, diag.New(diag.NotOurs, "Zitadel user/"+name).Saw("it is a person").Try("give the machine another name")
	}
	return u, err
}

func (r *run) machines(ctx context.Context) error {
	for _, m := range r.Machines {
		if err := r.machine(ctx, m); err != nil {
			return err
		}
	}
	return r.strangers(ctx)
}

func (r *run) machine(ctx context.Context, m Machine) error {
	what := "Zitadel machine/" + m.Name
	wanted := map[string]any{"name": m.Name, "description": r.mark(), "accessTokenType": jwt}
	u, fresh, err := made(ctx, func(ctx context.Context) (*user, error) { return r.api.machine(ctx, m.Name) }, func(ctx context.Context) error {
		return r.api.ask(ctx, http.MethodPost, "/users/machine", map[string]any{
			"userId": m.Name, "userName": m.Name, "name": m.Name, "description": r.mark(), "accessTokenType": jwt,
		}, nil)
	})
	switch {
	case err != nil:
		return err
	case u.ID != m.Name || u.Machine.Description != r.mark():
		return diag.New(diag.NotOurs, what).Saw("its id is " + u.ID + ", and its description says " + u.Machine.Description).
			Note("Harmony changes only what it made itself").Try("give the machine another name, or take that one away in Zitadel")
	case fresh:
		r.changed(ctx, harmony.Created, what, "")
	case u.State != userActive && u.State != "":
		event.Emit(ctx, event.Notice{Text: what + " is " + strings.ToLower(strings.TrimPrefix(u.State, "USER_STATE_")) + " in Zitadel, and is left so: it gets no token"})
	case u.Machine.AccessTokenType != jwt || u.Machine.Name != m.Name:
		if err := r.api.ask(ctx, http.MethodPut, "/users/"+u.ID+"/machine", wanted, nil); err != nil {
			return err
		}
		r.changed(ctx, harmony.Repaired, what, "its name and the kind of its tokens")
	}
	return r.grant(ctx, m)
}

// grant gives a machine its roles and no other.
func (r *run) grant(ctx context.Context, m Machine) error {
	what := "Zitadel grant/" + m.Name
	g, fresh, err := made(ctx, func(ctx context.Context) (*grant, error) {
		return found(ctx, r.api, "/users/grants", func(g grant) bool { return g.UserID == m.Name && g.ProjectID == r.projectID },
			map[string]any{"userIdQuery": map[string]any{"userId": m.Name}}, map[string]any{"projectIdQuery": map[string]any{"projectId": r.projectID}})
	}, func(ctx context.Context) error {
		return r.api.ask(ctx, http.MethodPost, "/users/"+m.Name+"/grants", map[string]any{"projectId": r.projectID, "roleKeys": keys(m.Roles)}, nil)
	})
	if err != nil {
		return err
	}
	has, want := slices.Sorted(slices.Values(g.RoleKeys)), slices.Sorted(slices.Values(m.Roles))
	at := "/users/" + m.Name + "/grants/" + g.ID
	if fresh {
		r.changed(ctx, harmony.Created, what, strings.Join(want, ", "))
		return nil
	}
	if !slices.Equal(has, want) {
		if err := r.api.ask(ctx, http.MethodPut, at, map[string]any{"roleKeys": keys(m.Roles)}, nil); err != nil {
			return err
		}
		r.changed(ctx, harmony.Repaired, what, "it had "+cmp.Or(strings.Join(has, ", "), "no role"))
	}
	if g.State == grantInactive { // its roles are right by now
		if err := r.api.ask(ctx, http.MethodPost, at+"/_reactivate", map[string]any{}, nil); err != nil {
			return err
		}
		r.changed(ctx, harmony.Repaired, what, "it was deactivated")
	}
	return nil
}

// keys is a list also when it is empty: Zitadel is told that there are none.
func keys(roles []string) []string { return append([]string{}, roles...) }

// strangers names who else has roles in the project.
func (r *run) strangers(ctx context.Context) error {
	all, err := list[grant](ctx, r.api, "/users/grants", map[string]any{"projectIdQuery": map[string]any{"projectId": r.projectID}})
	if err != nil {
		return err
	}
	for _, g := range all {
		if !slices.ContainsFunc(r.Machines, func(m Machine) bool { return m.Name == g.UserID }) {
			event.Emit(ctx, event.Notice{Text: cmp.Or(g.UserName, g.UserID) + " has roles in the project " + r.Ref().Project + " (" + strings.Join(g.RoleKeys, ", ") + ") and is not of this component; it is left"})
		}
	}
	return nil
}
