// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package zitadeltest answers as Zitadel does, for tests of who asks it. It has what it was told, refuses what Zitadel refuses, and
// counts what writes. What it knows is of the reference of the management API, https://zitadel.com/docs/reference/api/management,
// and of the sources at github.com/zitadel/zitadel, which are named where they were read. No Zitadel was run to compare.
package zitadeltest

import (
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	// Administrator is the token of one who may do everything.
	Administrator = "the-token-of-the-administrator"
	// Domain is that of the instance.
	Domain = "id.example.com"
	// Issuer is its name.
	Issuer = "https://" + Domain
	// Home is the id of the first organization, the one of the administrator.
	Home = "1"
)

// Object is what Zitadel has, as it answers.
type Object = map[string]any

// Zitadel is one instance. What it has may be changed between requests, as people do.
type Zitadel struct {
	Address string // where it listens, without TLS, for whoever names the Domain

	Organizations, Projects, Apps, Users, Grants map[string]Object // by id
	Roles                                        map[string]Object // by project/key
	Members                                      map[string]Object // by organization/user
	Keys, Metadata                               map[string]Object // by user/key
	Public                                       map[string]*rsa.PublicKey
	Writes                                       []string

	mu     sync.Mutex
	next   int
	late   map[string]int    // searches that do not find yet what was made
	owner  map[string]string // which organization something is of
	tokens map[string]string // which machine has a token for the API
}

// A call is a request of someone who may ask.
type call struct {
	*http.Request
	body Object
	org  string
	may  func(permission string) bool
}

type handler struct {
	permission string
	handle     func(*call) (int, Object)
}

// Start starts one. It ends with the test.
func Start(t *testing.T) *Zitadel {
	t.Helper()
	z := &Zitadel{
		Organizations: map[string]Object{Home: {"id": Home, "name": "Home"}}, Projects: map[string]Object{}, Apps: map[string]Object{},
		Users: map[string]Object{}, Grants: map[string]Object{}, Roles: map[string]Object{}, Members: map[string]Object{},
		Keys: map[string]Object{}, Metadata: map[string]Object{}, Public: map[string]*rsa.PublicKey{},
		late: map[string]int{}, owner: map[string]string{}, tokens: map[string]string{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /oauth/v2/token", z.token)
	for pattern, h := range z.handlers() {
		mux.HandleFunc(pattern, z.guarded(h))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != Domain {
			http.Error(w, `{"code":5,"message":"Instance not found (`+r.Host+`)"}`, http.StatusNotFound)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	z.Address = server.Listener.Addr().String()
	return z
}

// Through is a transport by which the instance is reached, whichever host a request names, as behind what ends TLS.
func (z *Zitadel) Through() http.RoundTripper { return through{z.Address} }

type through struct{ address string }

func (t through) RoundTrip(asked *http.Request) (*http.Response, error) {
	plain := asked.Clone(asked.Context())
	plain.Host, plain.URL.Scheme, plain.URL.Host = asked.URL.Host, "http", t.address
	return http.DefaultTransport.RoundTrip(plain) //nolint:wrapcheck // it stands in the middle
}

// Has sets the instance up by hand: an organization with a project, and a machine in it that manages users and has this public key. It
// gives the ids of project and key.
func (z *Zitadel) Has(t *testing.T, machine string, key *rsa.PublicKey) (project, id string) {
	t.Helper()
	z.mu.Lock()
	defer z.mu.Unlock()
	org := z.id()
	c := &call{org: org}
	project, id = z.id(), z.id()
	z.Organizations[org] = Object{"id": org, "name": "of " + machine}
	z.put(c, z.Projects, project, Object{"id": project, "name": "of " + machine}, 0)
	z.put(c, z.Users, machine, Object{"id": machine, "userName": machine, "state": "USER_STATE_ACTIVE", "machine": Object{"name": machine, "accessTokenType": "ACCESS_TOKEN_TYPE_JWT"}}, 0)
	z.Members[org+"/"+machine] = Object{"userId": machine, "roles": []any{"ORG_USER_MANAGER"}}
	z.Keys[machine+"/"+id], z.Public[machine+"/"+id] = Object{"id": id}, key
	return project, id
}

// guarded lets in who has a token and the right. The rights are those of cmd/defaults.yaml.
func (z *Zitadel) guarded(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		z.mu.Lock()
		defer z.mu.Unlock()
		status, answer := http.StatusUnauthorized, Object{"code": 16, "message": "auth header missing"}
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		c, known := z.asked(r, token)
		switch {
		case known && !c.may(h.permission):
			status, answer = http.StatusForbidden, Object{"code": 7, "message": "No matching permissions found (AUTH-5mWD2)"}
		case known:
			_ = json.NewDecoder(r.Body).Decode(&c.body) // a DELETE has none
			if !strings.HasSuffix(r.URL.Path, "/_search") {
				z.Writes = append(z.Writes, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/management/v1"))
			}
			status, answer = h.handle(c)
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// asked tells who asks, and in which organization: the one that is named, or that of who asks.
func (z *Zitadel) asked(r *http.Request, token string) (*call, bool) {
	named := r.Header.Get("x-zitadel-orgid")
	if token == Administrator {
		if named == "" {
			named = Home
		}
		return &call{Request: r, org: named, may: func(string) bool { return true }}, true
	}
	machine, known := z.tokens[token]
	if named == "" {
		named = z.owner[machine]
	}
	var roles []any
	if m := z.Members[named+"/"+machine]; m != nil {
		roles = m["roles"].([]any)
	}
	manages := slices.Contains(roles, any("ORG_USER_MANAGER"))
	return &call{Request: r, org: named, may: func(permission string) bool {
		return manages && slices.Contains([]string{"user.read", "user.write", "user.delete", "user.grant.read", "user.grant.write", "project.read", "project.role.read"}, permission)
	}}, known
}

func (z *Zitadel) id() string { z.next++; return strconv.Itoa(200000000000000000 + z.next) }

// put has something new of the organization, which searches do not find at once.
func (z *Zitadel) put(c *call, all map[string]Object, id string, o Object, late int) {
	all[id], z.owner[id], z.late[id] = o, c.org, late
}

var (
	missing  = Object{"code": 5, "message": "not found"}
	conflict = Object{"code": 6, "message": "already exists"}
)

func results(all []Object) (int, Object) {
	answer := Object{"details": Object{"totalResult": strconv.Itoa(len(all))}}
	if len(all) > 0 {
		answer["result"] = all // an empty list is left out, as proto3 has it
	}
	return http.StatusOK, answer
}

func under(all map[string]Object, prefix string) (found []Object) {
	for at, o := range all {
		if strings.HasPrefix(at, prefix+"/") {
			found = append(found, o)
		}
	}
	return found
}

// search finds by a text, in the organization alone.
func (z *Zitadel) search(all map[string]Object, query, field string) func(*call) (int, Object) {
	return func(c *call) (int, Object) {
		want := c.body["queries"].([]any)[0].(Object)[query].(Object)[field]
		for id, o := range all {
			if o[field] != want || z.owner[id] != "" && z.owner[id] != c.org {
				continue
			}
			if z.late[id] > 0 {
				z.late[id]--
				continue
			}
			return results([]Object{o})
		}
		return results(nil)
	}
}

func (z *Zitadel) taken(c *call, all map[string]Object, field string, value any) bool {
	for id, o := range all {
		if o[field] == value && (z.owner[id] == "" || z.owner[id] == c.org) {
			return true
		}
	}
	return false
}

func change(o, b Object) (int, Object) {
	if o == nil {
		return http.StatusNotFound, missing
	}
	for key, value := range b {
		o[key] = value
	}
	return http.StatusOK, Object{}
}

func drop(all map[string]Object, id string) (int, Object) {
	if all[id] == nil {
		return http.StatusNotFound, missing
	}
	delete(all, id)
	return http.StatusOK, Object{}
}
