// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/wait"
)

// limited is a client of a ServiceAccount that may only look at ConfigMaps.
func (c cluster) limited(t *testing.T, namespace string) *kube.Client {
	t.Helper()
	ctx := t.Context()
	_, err := c.stranger.CoreV1().ServiceAccounts(namespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: named("limited")}, metav1.CreateOptions{})
	fatal(t, err)
	rules := []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"get"}}}
	_, err = c.stranger.RbacV1().Roles(namespace).Create(ctx, &rbacv1.Role{ObjectMeta: named("limited"), Rules: rules}, metav1.CreateOptions{})
	fatal(t, err)
	_, err = c.stranger.RbacV1().RoleBindings(namespace).Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: named("limited"), RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "limited"},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "limited", Namespace: namespace}},
	}, metav1.CreateOptions{})
	fatal(t, err)
	c.granted(t, namespace, "get")
	token, err := c.stranger.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, "limited", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	fatal(t, err)
	config, err := clientcmd.BuildConfigFromFlags("", needs.Local(t))
	fatal(t, err)
	config = rest.AnonymousClientConfig(config)
	config.BearerToken = token.Status.Token
	return c.as(t, config)
}

// granted waits until the limited ServiceAccount may do it: an API server learns of a role some moments after it was stored.
func (c cluster) granted(t *testing.T, namespace, verb string) {
	t.Helper()
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User:               "system:serviceaccount:" + namespace + ":limited",
		ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: namespace, Verb: verb, Resource: "configmaps"},
	}}
	fatal(t, wait.Until(t.Context(), "the role to count", wait.Pace{Every: 50 * time.Millisecond, Limit: time.Minute}, func(ctx context.Context) (string, bool, error) {
		said, err := c.stranger.AuthorizationV1().SubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
		if err != nil {
			return "", false, err
		}
		return said.Status.Reason, said.Status.Allowed, nil
	}))
}

func TestWhatTheCredentialsMayNotDoIsNamed(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	limited := c.limited(t, in.Namespace)
	_, err := limited.Apply(t.Context(), in, settings("one", nil), service("web", intPort))
	if got := text(err); len(codes(err)) == 0 || codes(err)[0] != diag.Forbidden || !strings.Contains(got, "system:serviceaccount:"+in.Namespace+":limited") || !strings.Contains(got, `"services"`) {
		t.Errorf("got\n%s", got)
	}
	_, err = limited.Standing(t.Context(), "")
	if len(codes(err)) == 0 || codes(err)[0] != diag.Forbidden {
		t.Errorf("listing: %v", err)
	}
	if err := limited.Answers(t.Context()); err != nil {
		t.Errorf("the API server answers them: %v", err)
	}
}

func TestWrongCredentialsAreNotAccepted(t *testing.T) {
	c := connect(t)
	config, err := clientcmd.BuildConfigFromFlags("", needs.Local(t))
	fatal(t, err)
	config = rest.AnonymousClientConfig(config)
	config.BearerToken = "nonsense"
	if err := c.as(t, config).Answers(t.Context()); !cmp.Equal(codes(err), []diag.Code{diag.Forbidden}) {
		t.Errorf("got %v", err)
	}
}

func TestAnotherClustersCertificateIsNotTrusted(t *testing.T) {
	c := connect(t)
	config, err := clientcmd.BuildConfigFromFlags("", needs.Local(t))
	fatal(t, err)
	config.CAData, config.CAFile = nil, ""
	if err := c.as(t, config).Answers(t.Context()); !cmp.Equal(codes(err), []diag.Code{diag.OtherCluster}) {
		t.Errorf("got %v", err)
	}
}

func TestAnAPIServerThatIsNotThereIsSaid(t *testing.T) {
	client, err := kube.Connect(kube.Options{Config: &rest.Config{Host: "https://127.0.0.1:1"}})
	fatal(t, err)
	in := kube.Inventory{Namespace: "x", Name: "web"}
	_, applied := client.Apply(t.Context(), in, settings("one", nil))
	_, removed := client.Remove(t.Context(), in, harmony.Removal{})
	_, dialled := client.Dial(t.Context(), kube.Service{Namespace: "x", Name: "web", Port: 80})
	_, _, generated := client.Generate(t.Context(), in, "x", "y")
	for name, err := range map[string]error{"apply": applied, "remove": removed, "dial": dialled, "generate": generated} {
		if all := codes(err); len(all) == 0 || all[0] != diag.APIUnreachable || !strings.Contains(text(err), "127.0.0.1:1") || !strings.Contains(text(err), "refused") {
			t.Errorf("%s: got\n%s", name, text(err))
		}
	}
}

func TestANamespaceThatIsBeingDeletedTakesNothing(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	held := settings("held", nil)
	held.Finalizers = []string{"example.com/held"}
	maps := c.stranger.CoreV1().ConfigMaps(in.Namespace)
	_, err := maps.Create(t.Context(), held, metav1.CreateOptions{})
	fatal(t, err)
	fatal(t, c.stranger.CoreV1().Namespaces().Delete(t.Context(), in.Namespace, metav1.DeleteOptions{}))
	t.Cleanup(func() {
		_, _ = maps.Patch(context.WithoutCancel(t.Context()), "held", "application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	})
	_, err = c.Apply(t.Context(), in, settings("one", nil))
	if !cmp.Equal(codes(err), []diag.Code{diag.NamespaceTerminating}) {
		t.Errorf("got %v", err)
	}
	_, _, err = c.Generate(t.Context(), in, "credentials", "admin")
	if !cmp.Equal(codes(err), []diag.Code{diag.NamespaceTerminating}) {
		t.Errorf("generate: got %v", err)
	}
}

func TestWhatDoesNotGoAwayIsNamedWithWhatHoldsIt(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	held := settings("held", nil)
	held.Finalizers = []string{"example.com/held"}
	apply(t, c.Client, in, held)
	t.Cleanup(func() {
		_, _ = c.stranger.CoreV1().ConfigMaps(in.Namespace).Patch(context.WithoutCancel(t.Context()), "held", "application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	})
	// Long enough for the deletion to be asked for on a busy machine.
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	_, err := c.Remove(ctx, in, harmony.Removal{})
	if !cmp.Equal(codes(err), []diag.Code{diag.KeptStanding}) || !strings.Contains(text(err), "held by example.com/held") {
		t.Errorf("got\n%s", text(err))
	}
}

func TestAllThatTheCredentialsMayNotDoIsSaidBeforeTheFirstChange(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	limited := c.limited(t, in.Namespace)
	before := c.versions(t, in.Namespace)
	_, err := limited.Apply(t.Context(), in, settings("one", nil), settings("two", nil))
	if diff := cmp.Diff([]diag.Code{diag.Forbidden, diag.Forbidden}, codes(err)); diff != "" {
		t.Errorf("%s\n%s", diff, text(err))
	}
	if diff := cmp.Diff(before, c.versions(t, in.Namespace)); diff != "" {
		t.Errorf("something was touched:\n%s", diff)
	}
}
