// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/fleet/people"
)

// peoples are roles for people, for whoever gives rights in the cluster to bind; nobody has them by themselves. A viewer looks at
// the fleet, and an operator of devices commands them too, exec aside, which is a role of its own.
func (s Operator) peoples() []kube.Object {
	role := func(name string, rules ...rbacv1.PolicyRule) kube.Object {
		return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "harmony-fleet-" + s.Namespace + "-" + name, Labels: s.labels()}, Rules: rules}
	}
	rule := func(verb string, resources ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{people.Group}, Resources: resources, Verbs: []string{verb}}
	}
	look := rule("get", "devices", "deployments", "releases")
	look.Verbs = []string{"get", "list", "watch"}
	return []kube.Object{
		&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "harmony-fleet-reach", Labels: s.labels()}, Rules: []rbacv1.PolicyRule{
			rule("get", "fleetstates"), {APIGroups: []string{""}, Resources: []string{"pods/portforward"}, Verbs: []string{"create", "get"}},
		}},
		role("viewer", look),
		role("caretaker", look, rule("create", "devices/ping", "devices/logs", "devices/inspect", "devices/restart", "devices/resync")),
		role("exec", rule("create", "devices/exec")),
	}
}
