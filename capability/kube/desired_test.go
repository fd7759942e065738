// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"pgregory.net/rapid"

	"nationtech.io/harmony/diag"
)

var component = Inventory{Namespace: "demo", Name: "web"}

func wanted(t *testing.T, objects ...Object) []item {
	t.Helper()
	items, err := (&Client{kinds: &kinds{}}).desired(t.Context(), component, objects)
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func TestWhatIsSentHasNothingThatOnlyTheServerWrites(t *testing.T) {
	sts := &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "db", Labels: map[string]string{"own": "label"}, ResourceVersion: "7", UID: "u"},
		Spec: appsv1.StatefulSetSpec{VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{
			ObjectMeta: metav1.ObjectMeta{Name: "data"}, Status: corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimPending},
		}}},
		Status: appsv1.StatefulSetStatus{Replicas: 3},
	}
	got := wanted(t, sts)[0].object.Object
	want := map[string]any{
		"apiVersion": "apps/v1", "kind": "StatefulSet",
		"metadata": map[string]any{
			"name": "db", "namespace": "demo",
			"labels":      map[string]any{"own": "label", ManagedByLabel: "harmony", ComponentLabel: "web"},
			"annotations": map[string]any{InventoryAnnotation: "demo/web"},
		},
	}
	spec := got["spec"].(map[string]any)
	delete(got, "spec")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	claim := spec["volumeClaimTemplates"].([]any)[0].(map[string]any)
	if _, there := claim["status"]; there {
		t.Error("the claim template carries a status")
	}
	if sts.ResourceVersion != "7" || sts.Labels[ComponentLabel] != "" {
		t.Error("the Score's own object was changed")
	}
}

// Whoever leads writes it, between any two of our looks: that is no difference to what a Score wants.
func TestALeaseWithoutASpecLeavesItToItsHolder(t *testing.T) {
	got := wanted(t, &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: "leader"}})[0].object.Object
	if spec, there := got["spec"]; there {
		t.Errorf("it has the spec %v", spec)
	}
}

func TestObjectsGoInTheOrderInWhichTheyStandOnEachOther(t *testing.T) {
	items := wanted(t,
		&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "web"}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "web"}},
		&corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}},
		&policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Name: "web"}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "web"}},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "web"}},
		newDefinition(),
	)
	var got []string
	for _, it := range items {
		got = append(got, it.Kind)
	}
	want := []string{"CustomResourceDefinition", "Secret", "ClusterRole", "ClusterRoleBinding", "Service", "PodDisruptionBudget", "Deployment"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, it := range items {
		if clustered := it.Namespace == ""; clustered == it.resource.namespaced {
			t.Errorf("%s is in namespace %q", it, it.Namespace)
		}
	}
}

func TestAKindIsCalledAsTheServerCallsIt(t *testing.T) {
	for kind, want := range map[Object]string{
		&policyv1.PodDisruptionBudget{}: "poddisruptionbudgets",
		&corev1.Endpoints{}:             "endpoints", //nolint:staticcheck // it still exists
		&rbacv1.ClusterRole{}:           "clusterroles",
	} {
		kind.SetName("x")
		if got := wanted(t, kind)[0].resource.Resource; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTheSameObjectTwiceIsRefused(t *testing.T) {
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "one"}}
	_, err := (&Client{kinds: &kinds{}}).desired(t.Context(), component, []Object{cm, cm.DeepCopy()})
	if all := diag.All(err); len(all) != 1 || all[0].Code != diag.ObjectRefused {
		t.Errorf("got %v", err)
	}
}

func TestTheDigestTellsDesiresApartButNotTheValuesOfSecrets(t *testing.T) {
	text := func(data map[string]string) string {
		return wanted(t, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "x"}, Data: data})[0].digest
	}
	hidden := func(data map[string]string) string {
		return wanted(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "x"}, StringData: data})[0].digest
	}
	first, again, other := text(map[string]string{"a": "1"}), text(map[string]string{"a": "1"}), text(map[string]string{"a": "2"})
	if first != again || first == other {
		t.Error("the digest of a ConfigMap does not follow its data")
	}
	if hidden(map[string]string{"a": "1"}) != hidden(map[string]string{"a": "2"}) {
		t.Error("the digest of a Secret follows its values: a short one can be guessed from it")
	}
	if hidden(map[string]string{"a": "1"}) == hidden(map[string]string{"b": "1"}) {
		t.Error("the digest of a Secret does not follow its keys")
	}
}

func TestDifferencesNameFields(t *testing.T) {
	object := func(content map[string]any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: content}
	}
	containers := func(list ...any) map[string]any {
		return map[string]any{"spec": map[string]any{"containers": list}}
	}
	nats := map[string]any{"name": "nats", "image": "a"}
	for name, c := range map[string]struct {
		before, after map[string]any
		want          []string
	}{
		"nothing":                     {map[string]any{"data": map[string]any{"a": "1"}}, map[string]any{"data": map[string]any{"a": "1"}}, nil},
		"a value":                     {map[string]any{"data": map[string]any{"a": "1"}}, map[string]any{"data": map[string]any{"a": "2"}}, []string{"data.a"}},
		"a key with dots":             {map[string]any{"data": map[string]any{"a.b": "1"}}, map[string]any{"data": map[string]any{}}, []string{"data[a.b]"}},
		"an element by its name":      {containers(nats), containers(map[string]any{"name": "nats", "image": "b"}), []string{"spec.containers[nats].image"}},
		"an element more":             {containers(nats), containers(nats, map[string]any{"name": "x"}), []string{"spec.containers[x]"}},
		"the order of elements":       {containers(nats, map[string]any{"name": "x"}), containers(map[string]any{"name": "x"}, nats), []string{"spec.containers"}},
		"a list without names":        {map[string]any{"args": []any{"a"}}, map[string]any{"args": []any{"b"}}, []string{"args"}},
		"what only the server writes": {map[string]any{"status": "a", "metadata": map[string]any{"resourceVersion": "1"}}, map[string]any{"metadata": map[string]any{"generation": int64(3)}}, nil},
		"labels":                      {map[string]any{"metadata": map[string]any{"labels": map[string]any{"a": "1"}}}, map[string]any{"metadata": map[string]any{"labels": map[string]any{"a": "2"}}}, []string{"metadata.labels.a"}},
	} {
		if diff := cmp.Diff(c.want, paths(differences(object(c.before), object(c.after), object(c.after)))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAFieldsNameLeadsToItsOwner(t *testing.T) {
	for field, want := range map[string][]string{
		"data.a": {"data", "a"}, "data[tls.crt]": {"data", "tls.crt"}, "spec.containers[nats].image": {"spec", "containers", "nats", "image"},
		"metadata.annotations[example.com/x]": {"metadata", "annotations", "example.com/x"}, "spec": {"spec"},
	} {
		if diff := cmp.Diff(want, steps(field)); diff != "" {
			t.Errorf("%s: %s", field, diff)
		}
	}
}

func TestStagesKeepEveryItemAndItsOrder(t *testing.T) {
	kinds := []string{"Namespace", "Secret", "Service", "Deployment", "Ingress", "Role", "Job"}
	rapid.Check(t, func(t *rapid.T) {
		var items []item
		for _, kind := range rapid.SliceOf(rapid.SampledFrom(kinds)).Draw(t, "kinds") {
			items = append(items, item{reference: coreReference(kind, "ns", "x")})
		}
		slices.SortStableFunc(items, func(a, b item) int { return rank(a.GroupVersionKind) - rank(b.GroupVersionKind) })
		count := 0
		for _, stage := range stages(items, item.stage) {
			for _, it := range stage {
				if rank(it.GroupVersionKind) != rank(stage[0].GroupVersionKind) || it.reference != items[count].reference {
					t.Fatalf("%v is out of order", it)
				}
				count++
			}
		}
		if count != len(items) {
			t.Fatalf("%d of %d items", count, len(items))
		}
	})
}
