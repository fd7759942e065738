// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadelsetup

import (
	"cmp"
	"context"
	"regexp"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/score/zitadel"
	"nationtech.io/harmony/secret"
)

// Place is what it needs: Secrets kept, and Zitadel reached.
type Place = kube.Place

// Score is what a Zitadel shall have.
type Score struct {
	// Namespace is where the Secrets with keys are.
	Namespace string
	// Title is the component's name; "zitadel-setup" when empty.
	Title   string
	Zitadel zitadel.Ref
	// Project is the name of the project that the roles are of, and that tokens are for, and of the organization that it and the machines
	// are in; "harmony-" and the Namespace when empty. A token is good wherever its project is: what shares a project shares who is let
	// in. A project of that name that is there already is taken over, and a run says so.
	Project string
	// Roles are the project's roles. Others that it has are left, and named.
	Roles []Role
	// Machines are users without a password. One that is no longer listed keeps what it has, and is named.
	Machines []Machine
	// Enrols is the role of devices that are enrolled later; nobody can be when it is empty. Then there is one more machine, the
	// enroller, which may manage the users of the organization: who may read the Secret with its key may enrol.
	Enrols string
	// KeyLife is how long a key is good; a year when zero. A key is made anew when a tenth of that is left.
	KeyLife time.Duration
}

// Role is one that a user can have in the project.
type Role struct {
	Key  string // what tokens say
	Name string // for people; the key when empty
}

// Machine is a device or a program.
type Machine struct {
	// Name is its id in Zitadel, and its login name.
	Name string
	// Roles are all that it has in the project: one that someone gave it besides is taken away.
	Roles []string
}

const (
	defaultTitle = "zitadel-setup"
	defaultLife  = 365 * 24 * time.Hour
	renewAt      = 10 // a tenth of the life
)

var (
	_ harmony.Score[Place]   = Score{}
	_ harmony.Remover[Place] = Score{}
)

// Name is the title.
func (s Score) Name() string { return s.Ref().Name }

// Interpret makes what is missing in Zitadel, corrects what differs, and keeps the keys.
func (s Score) Interpret(ctx context.Context, on Place) (harmony.Outcome, error) {
	var outcome harmony.Outcome
	if err := s.check(); err != nil {
		return outcome, err
	}
	z, err := s.reach(ctx, on.Kubernetes())
	if err != nil {
		return outcome, err
	}
	r := &run{Score: s, api: *z, on: on.Kubernetes()}
	err = r.all(ctx)
	return r.outcome, err
}

// Remove takes the Secrets away when it purges, and with them the machines and the project that it made in Zitadel. Without
// that all of it is data. The organization stays, with whoever was enrolled, or was made by people: without the project they have no
// role.
func (s Score) Remove(ctx context.Context, on Place, how harmony.Removal) (harmony.Removed, error) {
	var gone []string
	var kept []string
	facts, err := on.Kubernetes().Secret(ctx, s.Namespace, s.Ref().FactsSecret())
	if err != nil {
		return harmony.Removed{}, err
	}
	if project := facts[projectKey]; !project.IsZero() {
		if !how.Purge {
			kept = append(kept, "Zitadel project/"+s.Ref().Project)
		} else if gone, err = s.purge(ctx, on.Kubernetes(), project); err != nil {
			return harmony.Removed{Gone: gone}, err
		}
		kept = append(kept, "Zitadel organization/"+s.Ref().Project)
	}
	removed, err := on.Kubernetes().Remove(ctx, s.inventory(), how)
	removed.Gone, removed.Kept = append(gone, removed.Gone...), append(kept, removed.Kept...)
	return removed, err
}

func (s Score) purge(ctx context.Context, on kube.Cluster, project secret.Value) (gone []string, err error) {
	z, err := s.within(ctx, on)
	if err != nil || z == nil {
		return nil, err
	}
	for _, name := range s.names() {
		u, err := z.Machine(ctx, name)
		if err != nil {
			return gone, err
		}
		if u == nil || u.Machine.Description != s.mark() {
			continue
		}
		if err := z.Remove(ctx, "/users/"+u.ID); err != nil {
			return gone, err
		}
		gone = append(gone, "Zitadel machine/"+name)
	}
	p, err := projectIn(ctx, *z, s.Ref().Project)
	if err != nil || p == nil || !secret.New(p.ID).Equal(project) {
		return gone, err // one that is not known by its id is someone else's
	}
	if err := z.Remove(ctx, "/projects/"+p.ID); err != nil {
		return gone, err
	}
	return append(gone, "Zitadel project/"+p.Name), nil
}

func (s Score) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}

// mark is in the description of machines that this component has made.
func (s Score) mark() string { return "harmony " + s.inventory().String() }

// names are those of all machines.
func (s Score) names() (all []string) {
	for _, m := range s.Machines {
		all = append(all, m.Name)
	}
	if s.Enrols != "" {
		all = append(all, s.Ref().Enroller())
	}
	return all
}

func (s Score) life() time.Duration { return cmp.Or(s.KeyLife, defaultLife) }

// ids are names that are ids in Zitadel, parts of addresses and of names of Secrets.
var ids = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (s Score) check() error {
	bad := diag.New(diag.BadPlacement, s.Name())
	if s.Namespace == "" || s.Zitadel.Domain == "" {
		bad.Saw("no namespace is given, or no Zitadel")
	}
	known := map[string]bool{}
	for _, r := range s.Roles {
		known[r.Key] = r.Key != ""
	}
	if s.Enrols != "" && !known[s.Enrols] {
		bad.Saw("devices are enrolled with the role " + s.Enrols + ", which the project has not")
	}
	seen := map[string]bool{}
	if s.Enrols != "" {
		seen[s.Ref().Enroller()] = true
	}
	for _, m := range s.Machines {
		if !ids.MatchString(m.Name) || seen[m.Name] {
			bad.Saw("a machine is called " + m.Name).Try("take names of small letters, digits and dashes, each once")
		}
		seen[m.Name] = true
		for _, r := range m.Roles {
			if !known[r] {
				bad.Saw("machine " + m.Name + " has the role " + r + ", which the project has not")
			}
		}
	}
	if len(bad.Evidence) > 0 {
		return bad
	}
	return nil
}
