// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadelsetup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/score/zitadel/management"
	"nationtech.io/harmony/secret"
)

// run is one Interpret: what it knows and what it changed.
type run struct {
	Score
	api     management.API
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

func (r *run) changed(ctx context.Context, action harmony.Action, what, detail string) {
	event.Emit(ctx, event.Changed{Action: string(action), Object: what, Detail: detail})
	r.outcome.Changes = append(r.outcome.Changes, harmony.Change{Action: action, Object: what, Detail: detail})
}

// told is changed, for what is made by the API.
func (r *run) told(ctx context.Context) management.Changed {
	return func(did management.Did, what, detail string) { r.changed(ctx, harmony.Action(did), what, detail) }
}

// all makes everything, in the order in which one stands on another.
func (r *run) all(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.organization, r.project, r.roles, r.app, r.machines, r.enroller, r.keys} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// organization makes the one that all else is in.
func (r *run) organization(ctx context.Context) error {
	in, err := r.api.OwnIn(ctx, r.Ref().Project, r.told(ctx))
	if err == nil {
		r.api = *in
	}
	return err
}

// projectIn finds a project by its name; nil when there is none.
func projectIn(ctx context.Context, z management.API, name string) (*project, error) {
	return management.Found(ctx, z, "/projects", func(p project) bool { return p.Name == name }, management.Equals("nameQuery", "name", name))
}

func (r *run) project(ctx context.Context) error {
	name := r.Ref().Project
	wanted := map[string]any{"name": name, "projectRoleAssertion": true, "projectRoleCheck": true, "hasProjectCheck": false}
	p, fresh, err := management.Made(ctx, func(ctx context.Context) (*project, error) { return projectIn(ctx, r.api, name) }, func(ctx context.Context) error {
		return r.api.Ask(ctx, http.MethodPost, "/projects", wanted, nil)
	})
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
		if err := r.api.Ask(ctx, http.MethodPut, "/projects/"+p.ID, wanted, nil); err != nil {
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
	has, err := management.List[role](ctx, r.api, at)
	if err != nil {
		return err
	}
	for _, want := range r.Roles {
		name := cmp.Or(want.Name, want.Key)
		what := "Zitadel role/" + want.Key
		i := slices.IndexFunc(has, func(h role) bool { return h.Key == want.Key })
		switch {
		case i < 0:
			err := r.api.Ask(ctx, http.MethodPost, at, map[string]any{"roleKey": want.Key, "displayName": name}, nil)
			if err != nil && !errors.Is(err, management.ErrThere) {
				return err
			}
			r.changed(ctx, harmony.Created, what, "")
		case has[i].DisplayName != name:
			if err := r.api.Ask(ctx, http.MethodPut, at+"/"+want.Key, map[string]any{"displayName": name, "group": has[i].Group}, nil); err != nil {
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
	a, fresh, err := management.Made(ctx, func(ctx context.Context) (*app, error) {
		return management.Found(ctx, r.api, at, func(a app) bool { return a.Name == name }, management.Equals("nameQuery", "name", name))
	}, func(ctx context.Context) error {
		return r.api.Ask(ctx, http.MethodPost, at+"/api", map[string]any{"name": name, "authMethodType": "API_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT"}, nil)
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

func (r *run) machines(ctx context.Context) error {
	for _, m := range r.Machines {
		if err := r.machine(ctx, m.Name); err != nil {
			return err
		}
		if err := r.api.Grant(ctx, m.Name, r.projectID, m.Roles, r.told(ctx)); err != nil {
			return err
		}
	}
	return r.strangers(ctx)
}

func (r *run) machine(ctx context.Context, name string) error {
	u, err := r.api.Own(ctx, name, r.mark(), r.told(ctx))
	if err == nil && u.Inactive() {
		event.Emit(ctx, event.Notice{Text: "Zitadel machine/" + name + " is deactivated in Zitadel, and is left so: it gets no token"})
	}
	return err
}

// enroller makes the machine that makes others known. It has no role in the project: nobody who reads tokens lets it in.
func (r *run) enroller(ctx context.Context) error {
	if r.Enrols == "" {
		return nil
	}
	name := r.Ref().Enroller()
	if err := r.machine(ctx, name); err != nil {
		return err
	}
	return r.api.Manages(ctx, name, r.told(ctx))
}

// strangers names who else has roles in the project, and counts those who were enrolled.
func (r *run) strangers(ctx context.Context) error {
	all, err := management.List[management.Grant](ctx, r.api, "/users/grants", map[string]any{"projectIdQuery": map[string]any{"projectId": r.projectID}})
	if err != nil {
		return err
	}
	enrolled := 0
	for _, g := range all {
		switch {
		case slices.ContainsFunc(r.Machines, func(m Machine) bool { return m.Name == g.UserID }):
		case r.Enrols != "" && slices.Equal(g.RoleKeys, []string{r.Enrols}):
			enrolled++
		default:
			event.Emit(ctx, event.Notice{Text: cmp.Or(g.UserName, g.UserID) + " has roles in the project " + r.Ref().Project + " (" + strings.Join(g.RoleKeys, ", ") + ") and is not of this component; it is left"})
		}
	}
	switch {
	case len(all) == management.Most:
		event.Emit(ctx, event.Notice{Text: fmt.Sprintf("more than %d users have roles in the project %s: not all were looked at", management.Most, r.Ref().Project)})
	case enrolled > 0:
		event.Emit(ctx, event.Fact{Text: fmt.Sprintf("%d others have the role %s in the project %s: they were enrolled", enrolled, r.Enrols, r.Ref().Project)})
	}
	return nil
}
