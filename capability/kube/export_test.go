// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

func byKey(c Credential) secret.Value { return secret.New("value of " + c.Key) }

func applied(t *testing.T, e *Export, inventory Inventory, objects ...Object) {
	t.Helper()
	if _, err := e.Cluster(nil).Apply(t.Context(), inventory, objects...); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, e *Export) (names []string) {
	t.Helper()
	objects, err := e.Objects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		names = append(names, o.String())
	}
	return names
}

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func TestAnExportHasWhatApplySends(t *testing.T) {
	e := NewExport(byKey)
	applied(t, e, component, configMap("a"))
	objects, err := e.Objects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted(t, configMap("a"))[0].object.Object, objects[1].Content); diff != "" {
		t.Error(diff)
	}
	namespace := objects[0]
	if namespace.String() != "Namespace/demo" || namespace.Content["metadata"].(map[string]any)["labels"].(map[string]any)["pod-security.kubernetes.io/enforce"] != "restricted" {
		t.Errorf("the namespace is %v", namespace.Content)
	}
	if metadata := namespace.Content["metadata"].(map[string]any); metadata["annotations"] != nil {
		t.Errorf("it is marked as made by Harmony, which it is not: %v", metadata)
	}
}

func TestAnExportHasOfAnInventoryWhatItHadLast(t *testing.T) {
	e := NewExport(byKey)
	applied(t, e, component, configMap("a"), configMap("b"))
	applied(t, e, component, configMap("b"))
	if diff := cmp.Diff([]string{"Namespace/demo", "ConfigMap/b"}, list(t, e)); diff != "" {
		t.Error(diff)
	}
}

func TestAnExportGivesBackWhatItGenerated(t *testing.T) {
	e := NewExport(byKey)
	on := e.Cluster(nil)
	if _, _, err := on.Generate(t.Context(), component, "login", "user"); err != nil {
		t.Fatal(err)
	}
	values, _, err := on.Generate(t.Context(), component, "login", "password")
	if err != nil || values["password"].Reveal() != "value of password" || values["user"].Reveal() != "value of user" {
		t.Errorf("generated %d values, %v", len(values), err)
	}
	read, err := on.Secret(t.Context(), "demo", "login")
	if err != nil || len(read) != 2 {
		t.Errorf("read %d values, %v", len(read), err)
	}
	if none, err := on.Secret(t.Context(), "demo", "other"); none != nil || err != nil {
		t.Errorf("there is a Secret that nobody made: %v", err)
	}
	objects, err := e.Objects(t.Context())
	if err != nil || len(objects) != 2 || !objects[1].Data || !objects[1].IsSecret() {
		t.Fatalf("got %v, %v", objects, err)
	}
	if diff := cmp.Diff(map[string]any{"user": "dmFsdWUgb2YgdXNlcg==", "password": "dmFsdWUgb2YgcGFzc3dvcmQ="}, objects[1].Content["data"]); diff != "" {
		t.Error(diff)
	}
}

func TestASecretOfAComponentThatIsNotInTheExportIsBorrowed(t *testing.T) {
	e := NewExport(byKey)
	server := Inventory{Namespace: "demo", Name: "server"}
	for _, name := range []string{"a", "b"} {
		if _, _, err := e.Cluster(nil).Generate(t.Context(), server, name, "password"); err != nil {
			t.Fatal(err)
		}
	}
	if all := e.Borrowed(); len(all) != 2 || all[0].String() != "Secret/a" || all[0].Inventory != server {
		t.Errorf("got %v", all)
	}
	applied(t, e, server, configMap("config"))
	if all := e.Borrowed(); len(all) != 0 {
		t.Errorf("got %v", all)
	}
	_, _, err := e.Cluster(nil).Generate(t.Context(), component, "a", "password")
	if d := (*diag.Diagnostic)(nil); !errors.As(err, &d) || d.Code != diag.NotOurs {
		t.Errorf("two components have the same Secret: %v", err)
	}
}

func TestOnlyADefinitionTellsAnExportOfAKind(t *testing.T) {
	e := NewExport(byKey)
	thing := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "example.com/v1", "kind": "Thing", "metadata": map[string]any{"name": "one"}}}
	_, err := e.Cluster(nil).Apply(t.Context(), component, thing)
	if d := (*diag.Diagnostic)(nil); !errors.As(err, &d) || d.Code != diag.ObjectRefused {
		t.Fatalf("got %v", err)
	}
	definition := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "things.example.com"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "example.com", Scope: apiextensionsv1.NamespaceScoped,
			Names:    apiextensionsv1.CustomResourceDefinitionNames{Plural: "things", Kind: "Thing"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{Name: "v1", Served: true, Storage: true}},
		},
	}
	applied(t, e, Inventory{Namespace: "demo", Name: "kinds"}, definition)
	applied(t, e, component, thing)
	objects, err := e.Objects(t.Context())
	if err != nil || len(objects) != 3 {
		t.Fatalf("got %v, %v", objects, err)
	}
	if last := objects[2]; last.String() != "Thing/one" || last.Namespace != "demo" {
		t.Errorf("got %v in %q", last, last.Namespace)
	}
	if !objects[0].IsDefinition() && !objects[1].IsDefinition() {
		t.Errorf("the definition does not come first: %v", objects)
	}
}

func TestWhatOnlyAClusterCanTellIsPutOff(t *testing.T) {
	on := NewExport(byKey).Cluster(nil)
	if _, err := on.Dial(t.Context(), Service{"demo", "web", 80}); !errors.Is(err, harmony.ErrAfterApply) {
		t.Errorf("dialled: %v", err)
	}
	if _, err := on.Remove(t.Context(), component, harmony.Removal{}); !errors.Is(err, harmony.ErrAfterApply) {
		t.Errorf("removed: %v", err)
	}
	if pods, err := on.Pods(t.Context(), "demo", nil); len(pods) != 0 || err != nil {
		t.Errorf("there are Pods: %v %v", pods, err)
	}
}
