// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"net/http"
	"time"

	"nationtech.io/harmony/fleet/issuer/admin"
	"nationtech.io/harmony/fleet/issuer/registry"
)

func (i *Issuer) addJoinToken(w http.ResponseWriter, r *http.Request) {
	var asked admin.JoinToken
	err := question(r, &asked)
	var made registry.JoinToken
	if err == nil {
		made, err = i.registry.AddJoinToken(registry.JoinToken{
			ID: r.PathValue("name"), Left: asked.Left, Until: asked.Until, Automatic: asked.Automatic, Devices: asked.Devices, Prefix: asked.Prefix,
			Labels: asked.Labels, Access: asked.Access,
		}, time.Now())
	}
	i.done(w, r, "make join token", err, toldToken(made))
}

func (i *Issuer) listJoinTokens(w http.ResponseWriter, r *http.Request) {
	tokens, err := i.registry.JoinTokens()
	list := []admin.JoinToken{}
	for _, t := range tokens {
		list = append(list, toldToken(t))
	}
	i.done(w, r, "list join tokens", err, list)
}

func toldToken(t registry.JoinToken) admin.JoinToken {
	return admin.JoinToken{
		ID: t.ID, Left: t.Left, Until: t.Until, Made: t.Made, Automatic: t.Automatic, Devices: t.Devices, Prefix: t.Prefix, Labels: t.Labels, Access: t.Access,
	}
}

func (i *Issuer) dropJoinToken(w http.ResponseWriter, r *http.Request) {
	i.done(w, r, "drop join token", i.registry.DropJoinToken(r.PathValue("name")), struct{}{})
}

func (i *Issuer) listJoins(w http.ResponseWriter, r *http.Request) {
	joins, err := i.registry.Joins()
	list := []admin.Join{}
	for _, j := range joins {
		m, found, failed := i.registry.Machine(j.Device)
		if failed != nil {
			err = failed
			break
		}
		_, has := m.Key(j.Key.ID)
		list = append(list, admin.Join{
			Device: j.Device, Key: j.Key.ID, Facts: j.Facts, From: j.From, Standing: j.Standing, Asked: j.Asked, Labels: j.Labels,
			Taken: found && (!has || !m.Active()),
		})
	}
	i.done(w, r, "list joins", err, list)
}

func (i *Issuer) approve(w http.ResponseWriter, r *http.Request) {
	i.answerJoin(w, r, "approve", func(a admin.Approval) (registry.Join, error) {
		return i.registry.Approve(r.PathValue("name"), a.Key, a.Replace, time.Now())
	})
}

func (i *Issuer) deny(w http.ResponseWriter, r *http.Request) {
	i.answerJoin(w, r, "deny", func(a admin.Approval) (registry.Join, error) {
		return i.registry.Deny(r.PathValue("name"), a.Key, time.Now())
	})
}

func (i *Issuer) answerJoin(w http.ResponseWriter, r *http.Request, what string, answer func(admin.Approval) (registry.Join, error)) {
	var asked admin.Approval
	err := question(r, &asked)
	if err == nil {
		_, err = answer(asked)
	}
	i.done(w, r, what, err, struct{}{})
}
