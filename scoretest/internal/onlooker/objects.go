// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package onlooker

import (
	"strconv"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// wide is the name of what stands in no namespace.
func (s Score) wide(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: s.Namespace + "-" + s.Name() + "-" + name}
}

func (s Score) account() *corev1.ServiceAccount {
	return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: s.Name()}, AutomountServiceAccountToken: new(bool)}
}

// token is filled by a controller, which deletes one that is there before its account.
func (s Score) token() *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: s.Name(), Annotations: map[string]string{corev1.ServiceAccountNameKey: s.Name()}},
		Type:       corev1.SecretTypeServiceAccountToken,
	}
}

// Refusal is what the policy says to a write.
const Refusal = "it may look and try: this is no dry run"

// policy denies the account whatever is admitted and is no dry run, a connection to a Pod among it.
func (s Score) policy() *admissionv1.ValidatingAdmissionPolicy {
	return &admissionv1.ValidatingAdmissionPolicy{ObjectMeta: s.wide("tries"), Spec: admissionv1.ValidatingAdmissionPolicySpec{
		FailurePolicy: new(admissionv1.Fail),
		MatchConstraints: &admissionv1.MatchResources{ResourceRules: []admissionv1.NamedRuleWithOperations{{
			RuleWithOperations: admissionv1.RuleWithOperations{
				Operations: []admissionv1.OperationType{admissionv1.OperationAll},
				Rule:       admissionv1.Rule{APIGroups: all, APIVersions: all, Resources: []string{"*/*"}, Scope: new(admissionv1.AllScopes)},
			},
		}}},
		MatchConditions: []admissionv1.MatchCondition{{Name: "account", Expression: "request.userInfo.username == " + strconv.Quote(s.User())}},
		Validations: []admissionv1.Validation{{
			Expression: "has(request.dryRun) && request.dryRun == true", Message: Refusal, Reason: new(metav1.StatusReasonForbidden),
		}},
	}}
}

func (s Score) enforced() *admissionv1.ValidatingAdmissionPolicyBinding {
	return &admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: s.wide("tries"), Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
		PolicyName: s.policy().Name, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny},
	}}
}

var all = []string{"*"}

// core are resources of Kubernetes' own group that hold what is applied: no nodes, and none of the subresources that
// give a shell, a connection, a token or an eviction. "*" would be those, too.
var core = []string{
	"configmaps", "endpoints", "limitranges", "namespaces", "persistentvolumeclaims", "persistentvolumes", "pods", "podtemplates",
	"replicationcontrollers", "resourcequotas", "secrets", "serviceaccounts", "services",
}

// tried are the groups whose writes the policy sees, and none that makes a credential.
var tried = []string{
	"apiextensions.k8s.io", "apps", "autoscaling", "batch", "coordination.k8s.io", "discovery.k8s.io", "fleet.nationtech.io", "networking.k8s.io",
	"node.k8s.io", "policy", "rbac.authorization.k8s.io", "scheduling.k8s.io", "storage.k8s.io",
}

// seen are those that are only looked at.
var seen = []string{"admissionregistration.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io", "events.k8s.io"}

func (s Score) looks() *rbacv1.ClusterRole {
	verbs := []string{"get", "list", "watch"}
	return &rbacv1.ClusterRole{ObjectMeta: s.wide("looks"), Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: append([]string{"events", "nodes", "pods/log"}, core...), Verbs: verbs},
		{APIGroups: append(append([]string{}, seen...), tried...), Resources: all, Verbs: verbs},
	}}
}

func (s Score) tries() *rbacv1.ClusterRole {
	verbs := []string{"create", "patch", "update", "delete"}
	return &rbacv1.ClusterRole{ObjectMeta: s.wide("tries"), Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: core, Verbs: verbs},
		{APIGroups: tried, Resources: all, Verbs: verbs},
		// Else nobody may so much as try to grant what he does not have himself.
		{APIGroups: []string{rbacv1.GroupName}, Resources: []string{"roles", "clusterroles"}, Verbs: []string{"bind", "escalate"}},
	}}
}

// may gives the account a role.
func (s Score) may(role string) *rbacv1.ClusterRoleBinding {
	return &rbacv1.ClusterRoleBinding{
		ObjectMeta: s.wide(role),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: s.wide(role).Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: s.Name(), Namespace: s.Namespace}},
	}
}
