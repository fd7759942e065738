// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart_test

import (
	"strings"
	"testing"

	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

func TestAChartIsAppliedAsTheObjectsThatItRenders(t *testing.T) {
	s := example(map[string]any{"text": "good morning", "replicas": 2})
	all := good(t, s)
	if got := field(t, named(all, "Deployment/web"), "spec", "replicas"); got != int64(2) {
		t.Errorf("replicas are %v (%[1]T)", got)
	}
	if got := field(t, named(all, "ConfigMap/web-text"), "data", "text"); got != "good morning" {
		t.Errorf("the text is %v", got)
	}
	if named(all, "ConfigMap/web-part") != nil || named(all, "Job/web-second") != nil {
		t.Errorf("got %v", all)
	}
	if got := field(t, named(all, "Deployment/web"), "metadata", "labels", "app.kubernetes.io/managed-by"); got != "harmony" {
		t.Errorf("it is managed by %v", got)
	}
}

func TestTemplatesSeeTheKubernetesOfThePlace(t *testing.T) {
	all := good(t, example(map[string]any{}))
	if got, _ := field(t, named(all, "ConfigMap/web-text"), "data", "kubernetes").(string); !strings.HasPrefix(got, "v1.") || got == "v1.20.0" {
		t.Errorf("the version is %q", got)
	}
	if got := field(t, named(all, "ConfigMap/web-text"), "data", "deployments"); got != "true" {
		t.Errorf("apps/v1/Deployment is served: %v", got)
	}
}

func TestAPartIsSwitchedOnByItsConditionUnderItsAlias(t *testing.T) {
	all := good(t, example(map[string]any{"extra": map[string]any{"enabled": true, "note": "on"}}))
	if got := field(t, named(all, "ConfigMap/web-part"), "data", "note"); got != "on" {
		t.Errorf("the note is %v", got)
	}
}

func TestWhatAChartWantsKeptAndItsClaimsAreData(t *testing.T) {
	all := good(t, example(map[string]any{"store": map[string]any{"enabled": true}}))
	if o := named(all, "ConfigMap/web-kept"); o == nil || !o.Data {
		t.Errorf("what is to be kept is no data: %v", o)
	}
	templates, _ := field(t, named(all, "StatefulSet/web"), "spec", "volumeClaimTemplates").([]any)
	if len(templates) != 1 || templates[0].(map[string]any)["metadata"].(map[string]any)["labels"].(map[string]any)[kube.DataLabel] != "true" {
		t.Errorf("claims are no data: %v", templates)
	}
	if o := named(all, "ConfigMap/web-text"); o.Data {
		t.Error("what nobody wants kept is data")
	}
}

func TestADefinitionComesBeforeItsObjects(t *testing.T) {
	s := small(t, stored(t, "definition"))
	all := good(t, s)
	if d, o := named(all, "CustomResourceDefinition/things.example.com"), named(all, "Thing/one"); d == nil || o == nil || d.Stage >= o.Stage || o.Namespace != "demo" {
		t.Errorf("got %+v and %+v", d, o)
	}
}

func TestAListIsItsItems(t *testing.T) {
	all := good(t, small(t, stored(t, "list")))
	if named(all, "ConfigMap/a") == nil || named(all, "ConfigMap/b") == nil {
		t.Errorf("got %v", all)
	}
}

func TestAChartThatCannotBeRenderedSaysWhere(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		says  string
	}{
		"no YAML":             {map[string]string{"templates/bad.yaml": "a: [\n"}, "templates/bad.yaml"},
		"a key twice":         {map[string]string{"templates/bad.yaml": "kind: A\nkind: B\n"}, "already set"},
		"no object":           {map[string]string{"templates/bad.yaml": "just: text\n"}, "no object"},
		"nothing at all":      {map[string]string{"templates/bad.yaml": "\n"}, "it renders no object"},
		"a name is missing":   {stored(t, "nameless"), "has no name"},
		"a template fails":    {map[string]string{"templates/bad.yaml": "{{ fail \"no such luck\" }}"}, "no such luck"},
		"it asks the cluster": {map[string]string{"templates/bad.yaml": `{{ lookup "v1" "Secret" "ns" "password" }}`}, "lookup of v1 Secret password"},
		"it asks a network":   {map[string]string{"templates/bad.yaml": `{{ getHostByName "example.com" }}`}, "getHostByName of example.com"},
		"an older Kubernetes": {with(t, "one", "Chart.yaml", "apiVersion: v2\nname: small\nversion: 0.1.0\nkubeVersion: <1.20.0\n"), "it is for Kubernetes <1.20.0"},
		"a part is missing":   {with(t, "one", "Chart.yaml", "apiVersion: v2\nname: small\nversion: 0.1.0\ndependencies: [{name: gone, version: 1.0.0, repository: https://example.com}]\n"), "the chart gone, which is not packed"},
		"a library":           {with(t, "one", "Chart.yaml", "apiVersion: v2\nname: small\nversion: 0.1.0\ntype: library\n"), "library"},
		"a foreign schema":    {with(t, "one", "values.schema.json", `{"$ref": "https://example.com/schema.json"}`), "https://example.com/schema.json"},
	} {
		t.Run(name, func(t *testing.T) {
			if d := refused(t, small(t, c.files)); d.Code != diag.ChartNotRendered || !strings.Contains(evidence(d), c.says) {
				t.Errorf("got %s\n%s", d.Code, evidence(d))
			}
		})
	}
}

func TestAChartThatRendersSomethingElseEachTimeIsRefused(t *testing.T) {
	d := refused(t, small(t, stored(t, "random")))
	if d.Code != diag.ChartFickle || !strings.Contains(evidence(d), "small/templates/password.yaml") || strings.Contains(evidence(d), "a.yaml") {
		t.Errorf("got %s\n%s", d.Code, evidence(d))
	}
}

func TestAChartOfAnotherVersionOrNameIsRefused(t *testing.T) {
	for _, change := range []func(*chart.Reference){
		func(r *chart.Reference) { r.Version = "1.2.4" },
		func(r *chart.Reference) { r.Name = "client" },
	} {
		s := example(map[string]any{})
		change(&s.Chart)
		if d := refused(t, s); d.Code != diag.ChartNotPinned || !strings.Contains(evidence(d), "server in version 1.2.3") {
			t.Errorf("got %s\n%s", d.Code, evidence(d))
		}
	}
}
