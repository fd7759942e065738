// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadelsetup

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

const pat = "the-token-of-the-administrator"

// fake answers as the reference of Zitadel's management API says that it does:
// https://zitadel.com/docs/reference/api/management. It has what it was told, and counts what writes.
type fake struct {
	mu       sync.Mutex
	writes   []string
	next     int
	late     map[string]int // searches that do not find yet what was made
	projects map[string]map[string]any
	roles    map[string]map[string]any // by project/key
	apps     map[string]map[string]any
	users    map[string]map[string]any
	grants   map[string]map[string]any
	keys     map[string]map[string]any // by user/key
	public   map[string]*rsa.PublicKey
	address  string
}

type object = map[string]any

func zitadelAPI(t *testing.T) *fake {
	t.Helper()
	f := &fake{late: map[string]int{}, projects: map[string]object{}, roles: map[string]object{}, apps: map[string]object{}, users: map[string]object{},
		grants: map[string]object{}, keys: map[string]object{}, public: map[string]*rsa.PublicKey{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /oauth/v2/token", f.token)
	const at = " /management/v1"
	for pattern, handle := range map[string]func(r *http.Request, body object) (int, object){
		"POST" + at + "/projects/_search":            f.search(f.projects, "nameQuery", "name"),
		"POST" + at + "/projects":                    f.addProject,
		"PUT" + at + "/projects/{id}":                func(r *http.Request, b object) (int, object) { return change(f.projects[r.PathValue("id")], b) },
		"DELETE" + at + "/projects/{id}":             func(r *http.Request, _ object) (int, object) { return drop(f.projects, r.PathValue("id")) },
		"POST" + at + "/projects/{id}/roles/_search": func(r *http.Request, _ object) (int, object) { return results(under(f.roles, r.PathValue("id"))) },
		"POST" + at + "/projects/{id}/roles":         f.addRole,
		"PUT" + at + "/projects/{id}/roles/{key}": func(r *http.Request, b object) (int, object) {
			return change(f.roles[r.PathValue("id")+"/"+r.PathValue("key")], b)
		},
		"POST" + at + "/projects/{id}/apps/_search": f.search(f.apps, "nameQuery", "name"),
		"POST" + at + "/projects/{id}/apps/api":     f.addApp,
		"POST" + at + "/users/_search":              f.search(f.users, "userNameQuery", "userName"),
		"POST" + at + "/users/machine":              f.addMachine,
		"PUT" + at + "/users/{id}/machine": func(r *http.Request, b object) (int, object) {
			return change(f.users[r.PathValue("id")]["machine"].(object), b)
		},
		"DELETE" + at + "/users/{id}":                          func(r *http.Request, _ object) (int, object) { return drop(f.users, r.PathValue("id")) },
		"POST" + at + "/users/grants/_search":                  f.searchGrants,
		"POST" + at + "/users/{id}/grants":                     f.addGrant,
		"PUT" + at + "/users/{id}/grants/{grant}":              f.changeGrant,
		"POST" + at + "/users/{id}/grants/{grant}/_reactivate": f.reactivateGrant,
		"POST" + at + "/users/{id}/keys/_search":               func(r *http.Request, _ object) (int, object) { return results(under(f.keys, r.PathValue("id"))) },
		"POST" + at + "/users/{id}/keys":                       f.addKey,
	} {
		mux.HandleFunc(pattern, f.guarded(handle))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "id.example.com" {
			http.Error(w, `{"code":5,"message":"Instance not found (`+r.Host+`)"}`, http.StatusNotFound)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.address = server.Listener.Addr().String()
	return f
}

func (f *fake) guarded(handle func(*http.Request, object) (int, object)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		status, answer := http.StatusUnauthorized, object{"code": 16, "message": "auth header missing"}
		if r.Header.Get("Authorization") == "Bearer "+pat {
			var body object
			_ = json.NewDecoder(r.Body).Decode(&body) // a DELETE has none
			if !strings.HasSuffix(r.URL.Path, "/_search") && r.Method != http.MethodGet {
				f.writes = append(f.writes, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/management/v1"))
			}
			status, answer = handle(r, body)
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer)
	}
}

func (f *fake) id() string { f.next++; return strconv.Itoa(200000000000000000 + f.next) }

func there(o object) (int, object) {
	if o == nil {
		return http.StatusNotFound, object{"code": 5, "message": "not found"}
	}
	return http.StatusOK, o
}

func results(all []object) (int, object) {
	answer := object{"details": object{"totalResult": strconv.Itoa(len(all))}}
	if len(all) > 0 {
		answer["result"] = all // an empty list is left out, as proto3 has it
	}
	return http.StatusOK, answer
}

func under(all map[string]object, prefix string) (found []object) {
	for at, o := range all {
		if strings.HasPrefix(at, prefix+"/") {
			found = append(found, o)
		}
	}
	return found
}

func (f *fake) search(all map[string]object, query, field string) func(*http.Request, object) (int, object) {
	return func(_ *http.Request, body object) (int, object) {
		want := body["queries"].([]any)[0].(object)[query].(object)[field]
		for id, o := range all {
			if o[field] != want {
				continue
			}
			if f.late[id] > 0 {
				f.late[id]--
				continue
			}
			return results([]object{o})
		}
		return results(nil)
	}
}

func taken(all map[string]object, field string, value any) bool {
	for _, o := range all {
		if o[field] == value {
			return true
		}
	}
	return false
}

var conflict = object{"code": 6, "message": "already exists"}

func (f *fake) addProject(_ *http.Request, b object) (int, object) {
	if taken(f.projects, "name", b["name"]) {
		return http.StatusConflict, conflict
	}
	id := f.id()
	b["id"], f.projects[id], f.late[id] = id, b, 1
	return http.StatusOK, object{"id": id}
}

func (f *fake) addRole(r *http.Request, b object) (int, object) {
	f.roles[r.PathValue("id")+"/"+b["roleKey"].(string)] = object{"key": b["roleKey"], "displayName": b["displayName"]}
	return http.StatusOK, object{}
}

func (f *fake) addApp(_ *http.Request, b object) (int, object) {
	id := f.id()
	f.apps[id] = object{"id": id, "name": b["name"], "apiConfig": object{"clientId": id + "@harmony", "authMethodType": b["authMethodType"]}}
	return http.StatusOK, object{"appId": id, "clientId": id + "@harmony"}
}

func (f *fake) addMachine(_ *http.Request, b object) (int, object) {
	if taken(f.users, "userName", b["userName"]) {
		return http.StatusConflict, conflict
	}
	id, given := b["userId"].(string)
	if !given {
		id = f.id()
	}
	f.users[id] = object{"id": id, "userName": b["userName"], "state": "USER_STATE_ACTIVE",
		"machine": object{"name": b["name"], "description": b["description"], "accessTokenType": b["accessTokenType"]}}
	f.late[id] = 2
	return http.StatusOK, object{"userId": id}
}

func (f *fake) addGrant(r *http.Request, b object) (int, object) {
	id := f.id()
	f.grants[id] = object{"id": id, "userId": r.PathValue("id"), "userName": r.PathValue("id"), "projectId": b["projectId"], "roleKeys": b["roleKeys"], "state": "USER_GRANT_STATE_ACTIVE"}
	return http.StatusOK, object{"userGrantId": id}
}

// changeGrant and reactivateGrant refuse what changes nothing, as internal/command/user_grant.go of Zitadel does.
func (f *fake) changeGrant(r *http.Request, b object) (int, object) {
	g := f.grants[r.PathValue("grant")]
	if g != nil && slices.Equal(g["roleKeys"].([]any), b["roleKeys"].([]any)) {
		return http.StatusBadRequest, object{"code": 9, "message": "User grant has not been changed"}
	}
	return change(g, b)
}

func (f *fake) reactivateGrant(r *http.Request, _ object) (int, object) {
	g := f.grants[r.PathValue("grant")]
	if g != nil && g["state"] != "USER_GRANT_STATE_INACTIVE" {
		return http.StatusBadRequest, object{"code": 9, "message": "User grant is not deactivated"}
	}
	return change(g, object{"state": "USER_GRANT_STATE_ACTIVE"})
}

func (f *fake) searchGrants(_ *http.Request, b object) (int, object) {
	var found []object
	for _, g := range f.grants {
		if !slices.ContainsFunc(b["queries"].([]any), func(q any) bool {
			user, ofUser := q.(object)["userIdQuery"].(object)
			project, ofProject := q.(object)["projectIdQuery"].(object)
			return ofUser && user["userId"] != g["userId"] || ofProject && project["projectId"] != g["projectId"]
		}) {
			found = append(found, g)
		}
	}
	return results(found)
}

func (f *fake) addKey(r *http.Request, b object) (int, object) {
	if b["type"] != "KEY_TYPE_JSON" || b["expirationDate"] == nil {
		return http.StatusBadRequest, object{"code": 3, "message": "invalid"}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return http.StatusInternalServerError, object{"code": 13, "message": err.Error()}
	}
	user, id := r.PathValue("id"), f.id()
	f.keys[user+"/"+id] = object{"id": id, "type": b["type"], "expirationDate": b["expirationDate"]}
	f.public[user+"/"+id] = &key.PublicKey
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	file, err := json.Marshal(object{"type": "serviceaccount", "keyId": id, "key": string(text), "userId": user})
	if err != nil {
		return http.StatusInternalServerError, object{"code": 13, "message": err.Error()}
	}
	return http.StatusOK, object{"keyId": id, "keyDetails": base64.StdEncoding.EncodeToString(file)}
}

func change(o, b object) (int, object) {
	if o == nil {
		return there(nil)
	}
	for key, value := range b {
		o[key] = value
	}
	return http.StatusOK, object{}
}

func drop(all map[string]object, id string) (int, object) {
	if all[id] == nil {
		return there(nil)
	}
	delete(all, id)
	return http.StatusOK, object{}
}

// token verifies an assertion as Zitadel does, and says the roles that scopes ask for. It was read in internal/api/oidc of
// github.com/zitadel/zitadel: token_jwt_profile.go asks for the session of a machine without a project, prepareRoles in userinfo.go takes
// the projects from the scopes, and setUserInfoRoleClaims gives each project a claim with its id; the claim without an id is that of
// the project of who asks, which here is nobody's. Of internal/query/userinfo_by_id.sql: a grant counts while it is active.
func (f *fake) token(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	refuse := func(why string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_grant","error_description":%q}`, why)
	}
	s, err := jose.ParseSigned(r.FormValue("assertion"), []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		refuse(err.Error())
		return
	}
	var asserted struct{ Iss, Sub, Aud string }
	_ = json.Unmarshal(s.UnsafePayloadWithoutVerification(), &asserted)
	key := f.public[asserted.Sub+"/"+s.Signatures[0].Header.KeyID]
	if key == nil || asserted.Iss != asserted.Sub || asserted.Aud != "https://id.example.com" {
		refuse("unknown key")
		return
	}
	if _, err := s.Verify(key); err != nil {
		refuse(err.Error())
		return
	}
	u := f.users[asserted.Sub]
	if u == nil || u["state"] != "USER_STATE_ACTIVE" {
		refuse("user is not active")
		return
	}
	if u["machine"].(object)["accessTokenType"] != jwt {
		fmt.Fprint(w, `{"access_token":"opaque","token_type":"Bearer","expires_in":600}`)
		return
	}
	claims, err := json.Marshal(f.claims(asserted.Sub, strings.Fields(r.FormValue("scope"))))
	if err != nil {
		refuse(err.Error())
		return
	}
	fmt.Fprintf(w, `{"access_token":"e30.%s.c2ln","token_type":"Bearer","expires_in":600}`, base64.RawURLEncoding.EncodeToString(claims))
}

// claims are those of a token, for the projects that scopes name.
func (f *fake) claims(machine string, scopes []string) object {
	audience := []string{}
	claims := object{"iss": "https://id.example.com", "sub": machine}
	for _, scope := range scopes {
		if rest, is := strings.CutPrefix(scope, "urn:zitadel:iam:org:project:id:"); is && strings.HasSuffix(rest, ":aud") {
			audience = append(audience, strings.TrimSuffix(rest, ":aud"))
		}
	}
	claims["aud"] = audience
	for _, g := range f.grants {
		project := g["projectId"].(string)
		if g["userId"] != machine || g["state"] != "USER_GRANT_STATE_ACTIVE" || !slices.Contains(audience, project) || !slices.Contains(scopes, "urn:zitadel:iam:org:projects:roles") {
			continue
		}
		roles := object{}
		for _, role := range g["roleKeys"].([]any) {
			roles[role.(string)] = object{"1": "example.com"}
		}
		if len(roles) > 0 {
			claims["urn:zitadel:iam:org:project:"+project+":roles"] = roles
		}
	}
	return claims
}
