// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/topology/export"
	"nationtech.io/harmony/topology/export/internal/odd"
)

// documents reads objects by their kinds and names, wherever in the texts they stand.
func documents(t *testing.T, texts ...string) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, text := range texts {
		for _, document := range strings.Split("\n"+text, "\n---") {
			var o map[string]any
			if err := yaml.Unmarshal([]byte(document), &o); err != nil {
				t.Fatalf("%v\n%s", err, document)
			}
			if metadata, is := o["metadata"].(map[string]any); is {
				all[o["kind"].(string)+"/"+metadata["name"].(string)] = o
			}
		}
	}
	return all
}

// rendered is what Helm makes of the chart in a directory.
func rendered(t *testing.T, dir string, more ...string) (string, error) {
	t.Helper()
	return needs.Helm(t, dir, append([]string{"template", "a-release", "odd", "--namespace", "odds", "--include-crds"}, more...)...)
}

// digest is how the Score writes one: the chart's is another.
var digest = regexp.MustCompile("v1-[0-9a-f]{16}")

// The same credentials are in both, so that the objects must be the same, in every text that has braces, in data that is
// no text, and where a credential stands within something else.
func TestAChartRendersTheObjectsOfTheManifests(t *testing.T) {
	for name, change := range map[string]func(*odd.Score){
		"":                              func(*odd.Score) {},
		"with a definition":             func(s *odd.Score) { s.Definition = true },
		"with a definition and a thing": func(s *odd.Score) { s.Definition, s.Thing = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			dir, s := t.TempDir(), score()
			change(&s)
			written(t, s, options(export.Manifests, dir))
			want := documents(t, yamls(contents(t, dir))...)
			written(t, s, options(export.Chart, dir))
			text, err := rendered(t, dir, "--values", "values-secrets.yaml")
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			got := documents(t, text, contents(t, dir)["namespace-odds.yaml"])
			for id, o := range got {
				data := id == "Secret/odd-login" || strings.HasPrefix(id, "PersistentVolumeClaim/") || strings.HasPrefix(id, "CustomResourceDefinition/")
				annotations, _ := o["metadata"].(map[string]any)["annotations"].(map[string]any)
				if (annotations["helm.sh/resource-policy"] == "keep") != data {
					t.Errorf("%s has the annotations %v", id, annotations)
				}
				delete(annotations, "helm.sh/resource-policy")
			}
			for _, side := range []map[string]map[string]any{want, got} {
				annotations := side["ConfigMap/odd-open"]["metadata"].(map[string]any)["annotations"].(map[string]any)
				if !digest.MatchString(annotations["example.com/digest"].(string)) {
					t.Errorf("the digest is %v", annotations)
				}
				delete(annotations, "example.com/digest")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if braces := got["ConfigMap/odd-open"]["data"].(map[string]any)["braces"]; braces != odd.Braces {
				t.Errorf("braces are %q", braces)
			}
		})
	}
}

func yamls(files map[string]string) (texts []string) {
	for name, text := range files {
		if strings.HasSuffix(name, ".yaml") {
			texts = append(texts, text)
		}
	}
	return texts
}

func TestADefinitionIsUpgradedUnlessTheChartHasItsObjectsOrSharesIt(t *testing.T) {
	s := score()
	s.Definition = true
	dir := t.TempDir()
	written(t, s, options(export.Chart, dir))
	const name = "odd-customresourcedefinition-things.odd.example.com.yaml"
	if files := contents(t, dir); files["odd/templates/"+name] == "" || files["odd/crds/"+name] != "" {
		t.Error("the definition is not a template")
	}
	s.Shared = true
	shared := t.TempDir()
	written(t, s, options(export.Chart, shared))
	if files := contents(t, shared); files["odd/templates/"+name] != "" || files["odd/crds/"+name] == "" {
		t.Error("Helm would refuse another release that brings the definition along")
	}
	s.Shared, s.Thing = false, true
	written(t, s, options(export.Chart, dir))
	if files := contents(t, dir); files["odd/templates/"+name] != "" || files["odd/crds/"+name] == "" {
		t.Error("Helm could not read an object of a kind that the same templates define")
	}
}

func TestAChartPassesHelmsOwnLinter(t *testing.T) {
	dir := t.TempDir()
	written(t, score(), options(export.Chart, dir))
	said, err := needs.Helm(t, dir, "lint", "--strict", "odd", "--namespace", "odds", "--values", "values-secrets.yaml")
	if err != nil || !strings.Contains(said, "1 chart(s) linted, 0 chart(s) failed") {
		t.Errorf("%v\n%s", err, said)
	}
}

func TestAChartTakesValuesAndRefusesWrongOnes(t *testing.T) {
	dir := t.TempDir()
	written(t, score(), options(export.Chart, dir))
	for _, c := range []struct {
		name string
		args []string
		says string // empty: it is rendered
	}{
		{"credentials are missing", nil, "credentials"},
		{"a credential would break out of its quotes", []string{"--values", "values-secrets.yaml", "--set", `credentials.odd-login.password=aaaaaaaaaaaaaaaaaaaa"`}, "does not match pattern"},
		{"a value is not one of the chart's", []string{"--values", "values-secrets.yaml", "--set", "image.other=x"}, "image"},
		{"another namespace", []string{"--values", "values-secrets.yaml", "--namespace", "elsewhere"}, "exported for the namespace odds"},
		{"another image", []string{"--values", "values-secrets.yaml", "--set", "images.odd-image=registry.example/odd:v8"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			said, err := rendered(t, dir, c.args...)
			if (err == nil) != (c.says == "") || !strings.Contains(said, c.says) {
				t.Errorf("%v\n%s", err, said)
			}
			if err == nil && documents(t, said)["ConfigMap/odd-open"]["data"].(map[string]any)["image"] != "it runs registry.example/odd:v8" {
				t.Errorf("it is not taken:\n%s", said)
			}
		})
	}
}

// Whoever changes a credential gets another digest, so that what restarts by it restarts.
func TestADigestChangesWithACredential(t *testing.T) {
	dir := t.TempDir()
	written(t, score(), options(export.Chart, dir))
	var seen []string
	for range 2 {
		said, err := rendered(t, dir, "--values", "values-secrets.yaml")
		if err != nil {
			t.Fatal(said)
		}
		seen = append(seen, digest.FindString(said))
		values := strings.ReplaceAll(contents(t, dir)["values-secrets.yaml"], credentials(t, dir)[0], "anotheroneanotheroneanother")
		if err := os.WriteFile(filepath.Join(dir, "values-secrets.yaml"), []byte(values), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if seen[0] == "" || seen[0] == seen[1] {
		t.Errorf("the digests are %v", seen)
	}
}

func TestAChartHasTheVersionOfTheProgram(t *testing.T) {
	for version, want := range map[string]string{
		"v1.2.3": "1.2.3", "(devel)": "0.0.0-devel", "v0.0.0-20261125031621-db7679cb51bd+dirty": "0.0.0-20261125031621-db7679cb51bd+dirty",
	} {
		dir, o := t.TempDir(), options(export.Chart, "")
		o.Dir, o.Version = dir, version
		written(t, score(), o)
		var chart struct{ Version, AppVersion, APIVersion, Name string }
		if err := yaml.Unmarshal([]byte(contents(t, dir)["odd/Chart.yaml"]), &chart); err != nil {
			t.Fatal(err)
		}
		if chart.Version != want || chart.AppVersion != version || chart.APIVersion != "v2" || chart.Name != "odd" {
			t.Errorf("got %+v", chart)
		}
	}
}
