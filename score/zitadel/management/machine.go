// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package management

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/wait"
)

// User is a person or a machine.
type User struct {
	ID       string `json:"id"`
	UserName string `json:"userName"`
	State    string `json:"state"`
	Machine  *struct {
		Name            string `json:"name"`
		Description     string `json:"description"`
		AccessTokenType string `json:"accessTokenType"`
	} `json:"machine"` // nil of a person
}

// Inactive tells whether someone has deactivated it: it gets no token.
func (u User) Inactive() bool { return u.State != active && u.State != "" }

// Grant is which roles a user has in a project.
type Grant struct {
	ID        string   `json:"id"`
	UserID    string   `json:"userId"`
	UserName  string   `json:"userName"`
	ProjectID string   `json:"projectId"`
	RoleKeys  []string `json:"roleKeys"`
	State     string   `json:"state"`
}

const (
	active = "USER_STATE_ACTIVE"
	// jwt makes tokens that can be verified without asking Zitadel.
	jwt = "ACCESS_TOKEN_TYPE_JWT"
	// grantInactive is a grant that tokens do not say.
	grantInactive = "USER_GRANT_STATE_INACTIVE"
)

// Changed is told what was made, or put right.
type Changed func(did Did, what, detail string)

// Did is what was done.
type Did string

// What was done.
const (
	Created  Did = "created"
	Repaired Did = "repaired"
)

// Machine finds a machine by its name; nil when there is none. A person of that name is the Diagnostic NotOurs.
func (a API) Machine(ctx context.Context, name string) (*User, error) {
	u, err := Found(ctx, a, "/users", func(u User) bool { return u.UserName == name }, Equals("userNameQuery", "userName", name))
	if u != nil && u.Machine == nil {
		return nil, diag.New(diag.NotOurs, "Zitadel user/"+name).Saw("it is a person").Try("give the machine another name")
	}
	return u, err
}

// Own makes a machine whose id is its name, or puts right what is other than it was made. mark is in its description: one without is
// someone else's, and the Diagnostic NotOurs. One that someone has deactivated is left as it is.
func (a API) Own(ctx context.Context, name, mark string, changed Changed) (*User, error) {
	what := "Zitadel machine/" + name
	u, fresh, err := Made(ctx, func(ctx context.Context) (*User, error) { return a.Machine(ctx, name) }, func(ctx context.Context) error {
		return a.Ask(ctx, http.MethodPost, "/users/machine", map[string]any{
			"userId": name, "userName": name, "name": name, "description": mark, "accessTokenType": jwt,
		}, nil)
	})
	var unseen *wait.GaveUp
	switch {
	case errors.As(err, &unseen):
		return nil, diag.New(diag.NotOurs, what).Saw("Zitadel does not show it in this organization, after it was made or said to be there: another one may have it, and ids are taken once in an instance").
			Because(err).Try("look for it in Zitadel's console; give the machine another name, or take that one away there")
	case err != nil:
		return nil, err
	case u.ID != name || u.Machine.Description != mark:
		return nil, diag.New(diag.NotOurs, what).Saw("its id is " + u.ID + ", and its description says " + u.Machine.Description).
			Note("Harmony changes only what it made itself").Try("give the machine another name, or take that one away in Zitadel")
	case fresh:
		changed(Created, what, "")
	case u.Inactive():
	case u.Machine.AccessTokenType != jwt || u.Machine.Name != name:
		err = a.Ask(ctx, http.MethodPut, at(name)+"/machine", map[string]any{"name": name, "description": mark, "accessTokenType": jwt}, nil)
		if err != nil {
			return nil, err
		}
		changed(Repaired, what, "its name and the kind of its tokens")
	}
	return u, nil
}

// Grant gives a machine its roles in a project, and no other. One that someone has deactivated counts again, after it was put right.
func (a API) Grant(ctx context.Context, machine, project string, roles []string, changed Changed) error {
	what := "Zitadel grant/" + machine
	g, fresh, err := Made(ctx, func(ctx context.Context) (*Grant, error) {
		return Found(ctx, a, "/users/grants", func(g Grant) bool { return g.UserID == machine && g.ProjectID == project },
			map[string]any{"userIdQuery": map[string]any{"userId": machine}}, map[string]any{"projectIdQuery": map[string]any{"projectId": project}})
	}, func(ctx context.Context) error {
		return a.Ask(ctx, http.MethodPost, at(machine)+"/grants", map[string]any{"projectId": project, "roleKeys": keys(roles)}, nil)
	})
	if err != nil {
		return err
	}
	has, want := slices.Sorted(slices.Values(g.RoleKeys)), slices.Sorted(slices.Values(roles))
	path := at(machine) + "/grants/" + g.ID
	if fresh {
		changed(Created, what, strings.Join(want, ", "))
		return nil
	}
	if !slices.Equal(has, want) {
		if err := a.Ask(ctx, http.MethodPut, path, map[string]any{"roleKeys": keys(roles)}, nil); err != nil {
			return err
		}
		changed(Repaired, what, "it had "+cmp.Or(strings.Join(has, ", "), "no role"))
	}
	if g.State == grantInactive { // its roles are right by now
		if err := a.Ask(ctx, http.MethodPost, path+"/_reactivate", map[string]any{}, nil); err != nil {
			return err
		}
		changed(Repaired, what, "it was deactivated")
	}
	return nil
}

// keys is a list also when it is empty: Zitadel is told that there are none.
func keys(roles []string) []string { return append([]string{}, roles...) }
