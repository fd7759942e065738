// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package witness_test

import (
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/discovery"

	"nationtech.io/harmony/scoretest"
	"nationtech.io/harmony/scoretest/internal/onlooker"
	"nationtech.io/harmony/scoretest/internal/witness"
	"nationtech.io/harmony/scoretest/internal/world"
)

func TestAnOnlookerLooksAndTriesAndWritesNothing(t *testing.T) {
	t.Parallel()
	topology, namespace := scoretest.Local(t), scoretest.Namespace(t)
	it := witness.Onlook(t, topology, namespace)
	mine, err := world.Reach(it.Config)
	if err != nil {
		t.Fatal(err)
	}
	found, err := mine.Look(t.Context(), []world.Kind{world.Maps, world.Namespaces, world.Pods}, "")
	ns := found[world.Key{Kind: "Namespace", Name: namespace}]
	if err != nil || ns == nil {
		t.Fatalf("it does not see its namespace: %v", err)
	}
	for _, kind := range []world.Kind{world.Maps, world.Namespaces} {
		if err := mine.Try(t.Context(), kind, namespace, "e2e-tried"); err != nil {
			t.Error(err)
		}
	}
	for _, err := range []error{
		mine.Edit(t.Context(), ns, map[string]any{"metadata": map[string]any{"labels": map[string]any{"written": "yes"}}}),
		mine.Delete(t.Context(), ns),
		leave(t, mine, world.Maps, namespace, "written"), leave(t, mine, world.Namespaces, "", "e2e-written"),
	} {
		if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), onlooker.Refusal) {
			t.Errorf("a write was not refused by the policy: %v", err)
		}
	}
	after, err := mine.Look(t.Context(), []world.Kind{world.Namespaces}, "")
	if now := after[ns.Key()]; err != nil || now == nil || len(world.Written(ns, now)) > 0 || after[world.Key{Kind: "Namespace", Name: "e2e-written"}] != nil {
		t.Errorf("the API server refused, and something was written: %v", err)
	}
}

func leave(t *testing.T, w *world.World, kind world.Kind, namespace, name string) error {
	t.Helper()
	_, err := w.Leave(t.Context(), kind, namespace, name)
	return err
}

// What admission does not see, or what answers before it, is not in its roles.
func TestAnOnlookerGetsNoShellNoConnectionAndNoToken(t *testing.T) {
	t.Parallel()
	topology, namespace := scoretest.Local(t), scoretest.Namespace(t)
	it := witness.Onlook(t, topology, namespace)
	api, err := discovery.NewDiscoveryClientForConfig(it.Config)
	if err != nil {
		t.Fatal(err)
	}
	core := "/api/v1/namespaces/" + namespace
	for _, request := range []string{
		"GET " + core + "/pods/x/exec", "POST " + core + "/pods/x/exec", "GET " + core + "/pods/x/attach",
		"GET " + core + "/pods/x/portforward", "POST " + core + "/pods/x/portforward", "GET " + core + "/pods/x/proxy",
		"GET " + core + "/services/x/proxy", "GET /api/v1/nodes/x/proxy", "POST " + core + "/pods/x/eviction",
		"POST " + core + "/serviceaccounts/default/token", "POST " + core + "/pods/x/binding",
		"POST /apis/certificates.k8s.io/v1/certificatesigningrequests",
		"DELETE /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/" + namespace + "-onlooker-tries",
		"DELETE /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/" + namespace + "-onlooker-tries",
		"POST /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
	} {
		verb, path, _ := strings.Cut(request, " ")
		for _, dry := range []bool{false, true} {
			asked := api.RESTClient().Verb(verb).AbsPath(path)
			if dry {
				asked.Param("dryRun", "All")
			}
			said, err := asked.DoRaw(t.Context())
			if !apierrors.IsForbidden(err) || !strings.Contains(string(said), it.User+`\" cannot `) {
				t.Errorf("%s, dry %t: %v, want that its roles do not have it: %s", request, dry, err, said)
			}
		}
	}
}
