// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/secret"
)

// Administration is the handler of the second listener. Whoever has the token may do everything there. It belongs on
// loopback, or behind TLS.
func (i *Issuer) Administration(token secret.Value) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /v1/machines/{name}", i.enrol)
	mux.HandleFunc("DELETE /v1/machines/{name}", i.revoke)
	mux.HandleFunc("DELETE /v1/machines/{name}/keys/{key}", i.retire)
	mux.HandleFunc("POST /v1/machines/{name}/secret", i.newSecret)
	mux.HandleFunc("GET /v1/list", i.list)
	mux.HandleFunc("PUT /v1/people/{name}", i.setPerson)
	mux.HandleFunc("DELETE /v1/people/{name}", i.removePerson)
	mux.HandleFunc("PUT /v1/join-tokens/{name}", i.addJoinToken)
	mux.HandleFunc("GET /v1/join-tokens", i.listJoinTokens)
	mux.HandleFunc("DELETE /v1/join-tokens/{name}", i.dropJoinToken)
	mux.HandleFunc("GET /v1/joins", i.listJoins)
	mux.HandleFunc("POST /v1/joins/{name}/approve", i.approve)
	mux.HandleFunc("POST /v1/joins/{name}/deny", i.deny)
	mux.HandleFunc("POST /v1/keys", i.rotate)
	mux.HandleFunc("GET /v1/backup", i.backup)
	all := http.NewServeMux()
	all.Handle("/", http.MaxBytesHandler(mux, maxBody))
	all.HandleFunc("PUT /v1/registry", i.restore)
	return i.authorised(token, all)
}

func (i *Issuer) authorised(token secret.Value, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := address(r)
		key := network(from)
		if pause := i.administrators.pause(key, time.Now()); pause > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(pause.Seconds())+1))
			writeJSON(w, http.StatusTooManyRequests, admin.Refusal{Reason: "too many failures: try again in a minute"})
			return
		}
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || token.IsZero() || !secret.New(given).Equal(token) {
			i.administrators.note(key, freeOfBoth, time.Now())
			i.audit("administration", "", from, "wrong token")
			writeJSON(w, http.StatusUnauthorized, admin.Refusal{Reason: "the token is not that of the administrator"})
			return
		}
		i.administrators.forget(key)
		next.ServeHTTP(w, r)
	})
}

// done writes the audit of what an administrator did, and the answer.
func (i *Issuer) done(w http.ResponseWriter, r *http.Request, what string, err error, answer any) {
	who := r.PathValue("name")
	if err == nil {
		i.audit(what, who, address(r), "done")
		writeJSON(w, http.StatusOK, answer)
		return
	}
	i.audit(what, who, address(r), err.Error())
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		writeJSON(w, http.StatusBadRequest, admin.Refusal{Code: string(d.Code), Reason: d.Error()})
		return
	}
	writeJSON(w, http.StatusInternalServerError, admin.Refusal{Reason: "the registry: " + err.Error()})
}

// question reads a body strictly.
func question(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return diag.New(diag.EnrolmentRefused, "body").Because(err)
	}
	return nil
}

func (i *Issuer) enrol(w http.ResponseWriter, r *http.Request) {
	var asked admin.Enrolment
	err := question(r, &asked)
	var key *registry.Key
	if err == nil && asked.Key != "" {
		var k registry.Key
		k, err = registry.ParseKey([]byte(asked.Key))
		key = &k
	}
	var m registry.Machine
	if err == nil {
		m, err = i.registry.Enrol(r.PathValue("name"), asked.Roles, key, time.Now())
	}
	i.done(w, r, "enrol", err, told(m))
}

func (i *Issuer) revoke(w http.ResponseWriter, r *http.Request) {
	m, err := i.registry.Revoke(r.PathValue("name"), time.Now())
	i.done(w, r, "revoke", err, told(m))
}

func (i *Issuer) retire(w http.ResponseWriter, r *http.Request) {
	m, err := i.registry.Retire(r.PathValue("name"), r.PathValue("key"))
	i.done(w, r, "retire key", err, told(m))
}

func (i *Issuer) newSecret(w http.ResponseWriter, r *http.Request) {
	made, err := i.registry.NewSecret(r.PathValue("name"))
	if err != nil {
		i.done(w, r, "new secret", err, nil)
		return
	}
	i.audit("new secret", r.PathValue("name"), address(r), "done")
	w.Header().Set("Content-Type", "text/plain")
	if _, err := io.WriteString(w, made.Reveal()); err != nil {
		i.log.Warn("a new secret did not arrive", "reason", err.Error())
	}
}

func (i *Issuer) list(w http.ResponseWriter, r *http.Request) {
	machines, err := i.registry.Machines()
	var people []registry.Person
	if err == nil {
		people, err = i.registry.People()
	}
	var l admin.List
	for _, m := range machines {
		l.Machines = append(l.Machines, told(m))
	}
	for _, p := range people {
		l.People = append(l.People, admin.Person{Name: p.Name, Roles: p.Roles, Since: p.Since})
	}
	i.done(w, r, "list", err, l)
}

func told(m registry.Machine) admin.Machine {
	t := admin.Machine{Name: m.Name, Roles: m.Roles, HasSecret: len(m.Secret) > 0, Enrolled: m.Enrolled, Revoked: m.Revoked}
	for _, k := range m.Keys {
		t.Keys = append(t.Keys, k.ID)
	}
	return t
}

// setPerson takes the password as the body, and the roles from the address.
func (i *Issuer) setPerson(w http.ResponseWriter, r *http.Request) {
	password, err := io.ReadAll(r.Body)
	if err != nil {
		err = diag.New(diag.EnrolmentRefused, "body").Because(err)
	} else {
		var roles []contract.Role
		for _, role := range r.URL.Query()["role"] {
			roles = append(roles, contract.Role(role))
		}
		err = i.registry.SetPerson(r.PathValue("name"), roles, secret.New(string(password)), time.Now())
	}
	i.done(w, r, "set person", err, struct{}{})
}

func (i *Issuer) removePerson(w http.ResponseWriter, r *http.Request) {
	i.done(w, r, "remove person", i.registry.RemovePerson(r.PathValue("name")), struct{}{})
}

func (i *Issuer) rotate(w http.ResponseWriter, r *http.Request) {
	i.done(w, r, "rotate", i.Rotate(time.Now()), struct{}{})
}

// backup says first how long it is, so that a part of it is not taken for the whole.
func (i *Issuer) backup(w http.ResponseWriter, r *http.Request) {
	i.audit("backup", "", address(r), "asked")
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := i.registry.Backup(func(size int64) { w.Header().Set("Content-Length", strconv.FormatInt(size, 10)) }, w); err != nil {
		i.log.Error("a backup was not sent whole", "reason", err.Error())
	}
}
