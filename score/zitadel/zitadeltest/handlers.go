// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadeltest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// handlers are what can be asked, and the right that it takes.
func (z *Zitadel) handlers() map[string]handler {
	const at = " /management/v1"
	all := map[string]handler{
		"POST /admin/v1/orgs/_search": {"iam.read", func(c *call) (int, Object) {
			c.org = ""
			return z.search(z.Organizations, "nameQuery", "name")(c)
		}},
		"POST" + at + "/orgs":                    {"org.create", z.addOrganization},
		"POST" + at + "/orgs/me/members/_search": {"org.member.read", z.searchMembers},
		"POST" + at + "/orgs/me/members":         {"org.member.write", z.addMember},
		"PUT" + at + "/orgs/me/members/{id}": {"org.member.write", func(c *call) (int, Object) {
			return change(z.Members[c.org+"/"+c.PathValue("id")], c.body)
		}},
		"POST" + at + "/projects/_search": {"project.read", z.search(z.Projects, "nameQuery", "name")},
		"POST" + at + "/projects":         {"project.create", z.addProject},
		"PUT" + at + "/projects/{id}":     {"project.write", func(c *call) (int, Object) { return change(z.Projects[c.PathValue("id")], c.body) }},
		"DELETE" + at + "/projects/{id}":  {"project.delete", func(c *call) (int, Object) { return drop(z.Projects, c.PathValue("id")) }},
		"POST" + at + "/projects/{id}/roles/_search": {"project.role.read", func(c *call) (int, Object) {
			return results(under(z.Roles, c.PathValue("id")))
		}},
		"POST" + at + "/projects/{id}/roles": {"project.role.write", func(c *call) (int, Object) {
			z.Roles[c.PathValue("id")+"/"+c.body["roleKey"].(string)] = Object{"key": c.body["roleKey"], "displayName": c.body["displayName"]}
			return http.StatusOK, Object{}
		}},
		"PUT" + at + "/projects/{id}/roles/{key}": {"project.role.write", func(c *call) (int, Object) {
			return change(z.Roles[c.PathValue("id")+"/"+c.PathValue("key")], c.body)
		}},
		"POST" + at + "/projects/{id}/apps/_search": {"project.app.read", z.search(z.Apps, "nameQuery", "name")},
		"POST" + at + "/projects/{id}/apps/api":     {"project.app.write", z.addApp},
		"POST" + at + "/users/_search":              {"user.read", z.search(z.Users, "userNameQuery", "userName")},
		"POST" + at + "/users/machine":              {"user.write", z.addMachine},
		"POST" + at + "/users/grants/_search":       {"user.grant.read", z.searchGrants},
	}
	for pattern, h := range z.ofUsers(" /management/v1/users/{id}") {
		all[pattern] = handler{h.permission, z.ofTheirs(h.handle)}
	}
	return all
}

// ofUsers are those that have to do with one user.
func (z *Zitadel) ofUsers(at string) map[string]handler {
	return map[string]handler{
		"PUT" + at + "/machine": {"user.write", func(c *call) (int, Object) {
			return change(z.Users[c.PathValue("id")]["machine"].(Object), c.body)
		}},
		"DELETE" + at:                               {"user.delete", func(c *call) (int, Object) { return drop(z.Users, c.PathValue("id")) }},
		"POST" + at + "/grants":                     {"user.grant.write", z.addGrant},
		"PUT" + at + "/grants/{grant}":              {"user.grant.write", z.changeGrant},
		"POST" + at + "/grants/{grant}/_reactivate": {"user.grant.write", z.reactivateGrant},
		"POST" + at + "/keys/_search":               {"user.read", func(c *call) (int, Object) { return results(under(z.Keys, c.PathValue("id"))) }},
		"POST" + at + "/keys":                       {"user.write", z.addKey},
		"DELETE" + at + "/keys/{key}": {"user.write", func(c *call) (int, Object) {
			delete(z.Public, c.PathValue("id")+"/"+c.PathValue("key"))
			return drop(z.Keys, c.PathValue("id")+"/"+c.PathValue("key"))
		}},
		"POST" + at + "/metadata/_search": {"user.read", func(c *call) (int, Object) { return results(under(z.Metadata, c.PathValue("id"))) }},
		"POST" + at + "/metadata/{key}": {"user.write", func(c *call) (int, Object) {
			text, _ := c.body["value"].(string)
			if value, err := base64.StdEncoding.DecodeString(text); err != nil || len(value) == 0 {
				return http.StatusBadRequest, Object{"code": 3, "message": "invalid SetUserMetadataRequest.Value"}
			}
			z.Metadata[c.PathValue("id")+"/"+c.PathValue("key")] = Object{"key": c.PathValue("key"), "value": text}
			return http.StatusOK, Object{}
		}},
		"DELETE" + at + "/metadata/{key}": {"user.write", func(c *call) (int, Object) {
			return drop(z.Metadata, c.PathValue("id")+"/"+c.PathValue("key"))
		}},
	}
}

// ofTheirs knows no user of another organization.
func (z *Zitadel) ofTheirs(handle func(*call) (int, Object)) func(*call) (int, Object) {
	return func(c *call) (int, Object) {
		if owner := z.owner[c.PathValue("id")]; z.Users[c.PathValue("id")] == nil || owner != c.org {
			return http.StatusNotFound, missing
		}
		return handle(c)
	}
}

func (z *Zitadel) addOrganization(c *call) (int, Object) {
	if z.taken(c, z.Organizations, "name", c.body["name"]) {
		return http.StatusConflict, conflict
	}
	id := z.id()
	z.Organizations[id], z.late[id] = Object{"id": id, "name": c.body["name"]}, 1
	return http.StatusOK, Object{"id": id}
}

func (z *Zitadel) searchMembers(c *call) (int, Object) {
	want := c.body["queries"].([]any)[0].(Object)["userIdQuery"].(Object)["userId"]
	return results(slices.DeleteFunc(under(z.Members, c.org), func(m Object) bool { return m["userId"] != want }))
}

func (z *Zitadel) addMember(c *call) (int, Object) {
	at := c.org + "/" + c.body["userId"].(string)
	if z.Members[at] != nil {
		return http.StatusConflict, conflict
	}
	z.Members[at] = c.body
	return http.StatusOK, Object{}
}

func (z *Zitadel) addProject(c *call) (int, Object) {
	if z.taken(c, z.Projects, "name", c.body["name"]) {
		return http.StatusConflict, conflict
	}
	id := z.id()
	c.body["id"] = id
	z.put(c, z.Projects, id, c.body, 1)
	return http.StatusOK, Object{"id": id}
}

func (z *Zitadel) addApp(c *call) (int, Object) {
	id := z.id()
	z.put(c, z.Apps, id, Object{"id": id, "name": c.body["name"], "apiConfig": Object{"clientId": id + "@harmony", "authMethodType": c.body["authMethodType"]}}, 0)
	return http.StatusOK, Object{"appId": id, "clientId": id + "@harmony"}
}

// addMachine makes one. As internal/command/user_machine.go has it, an id is looked for in the organization alone. What refuses it in
// another one is the name, which is taken once in the instance (internal/repository/user/user.go) unless a policy,
// userLoginMustBeDomain, says otherwise; this instance has no such policy.
func (z *Zitadel) addMachine(c *call) (int, Object) {
	id, given := c.body["userId"].(string)
	if !given {
		id = z.id()
	}
	if z.Users[id] != nil && z.owner[id] == c.org {
		return http.StatusBadRequest, Object{"code": 9, "message": "User already exists (COMMAND-k2una)"}
	}
	for _, u := range z.Users {
		if u["userName"] == c.body["userName"] {
			return http.StatusConflict, conflict
		}
	}
	z.put(c, z.Users, id, Object{
		"id": id, "userName": c.body["userName"], "state": "USER_STATE_ACTIVE",
		"machine": Object{"name": c.body["name"], "description": c.body["description"], "accessTokenType": c.body["accessTokenType"]},
	}, 2)
	return http.StatusOK, Object{"userId": id}
}

func (z *Zitadel) addGrant(c *call) (int, Object) {
	id := z.id()
	z.put(c, z.Grants, id, Object{
		"id": id, "userId": c.PathValue("id"), "userName": c.PathValue("id"), "projectId": c.body["projectId"], "roleKeys": c.body["roleKeys"], "state": "USER_GRANT_STATE_ACTIVE",
	}, 0)
	return http.StatusOK, Object{"userGrantId": id}
}

// changeGrant and reactivateGrant refuse what changes nothing, as internal/command/user_grant.go does.
func (z *Zitadel) changeGrant(c *call) (int, Object) {
	g := z.Grants[c.PathValue("grant")]
	if g != nil && slices.Equal(g["roleKeys"].([]any), c.body["roleKeys"].([]any)) {
		return http.StatusBadRequest, Object{"code": 9, "message": "User grant has not been changed"}
	}
	return change(g, c.body)
}

func (z *Zitadel) reactivateGrant(c *call) (int, Object) {
	g := z.Grants[c.PathValue("grant")]
	if g != nil && g["state"] != "USER_GRANT_STATE_INACTIVE" {
		return http.StatusBadRequest, Object{"code": 9, "message": "User grant is not deactivated"}
	}
	return change(g, Object{"state": "USER_GRANT_STATE_ACTIVE"})
}

func (z *Zitadel) searchGrants(c *call) (int, Object) {
	var found []Object
	for id, g := range z.Grants {
		if z.owner[id] == c.org && !slices.ContainsFunc(c.body["queries"].([]any), func(q any) bool {
			user, ofUser := q.(Object)["userIdQuery"].(Object)
			project, ofProject := q.(Object)["projectIdQuery"].(Object)
			return ofUser && user["userId"] != g["userId"] || ofProject && project["projectId"] != g["projectId"]
		}) {
			found = append(found, g)
		}
	}
	return results(found)
}

// addKey makes a pair, or takes a public key that is given, and then says nothing but its id. As internal/crypto/rsa.go has it, what is
// given must be a PEM block with a public key in PKIX form; one that is not RSA passes, and is good for nothing.
func (z *Zitadel) addKey(c *call) (int, Object) {
	if c.body["type"] != "KEY_TYPE_JSON" {
		return http.StatusBadRequest, Object{"code": 3, "message": "invalid AddMachineKeyRequest.Type"}
	}
	user, id, until := c.PathValue("id"), z.id(), c.body["expirationDate"]
	if until == nil {
		until = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC).Format(time.RFC3339)
	}
	answer := Object{"keyId": id}
	public, given := c.body["publicKey"].(string)
	key, private, err := pair(public)
	if err != nil {
		return http.StatusBadRequest, Object{"code": 3, "message": "Errors.User.Machine.Key.Invalid"}
	}
	if !given {
		file, err := json.Marshal(Object{"type": "serviceaccount", "keyId": id, "key": private, "userId": user})
		if err != nil {
			return http.StatusInternalServerError, Object{"code": 13, "message": err.Error()}
		}
		answer["keyDetails"] = base64.StdEncoding.EncodeToString(file)
	}
	z.Keys[user+"/"+id] = Object{"id": id, "type": c.body["type"], "expirationDate": until}
	z.Public[user+"/"+id] = key
	return http.StatusOK, answer
}
