// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/score/helmchart"
	"nationtech.io/harmony/secret"
)

// paper is a place that is written down: its Kubernetes keeps what a Score applies.
type paper struct{ *kube.Export }

func (p paper) Kubernetes() kube.Cluster { return p.Cluster(nil) }
func (paper) Charts() chart.Store        { return chart.Fetcher{} }

func example(values map[string]any) helmchart.Score {
	if values["image"] == nil {
		values["image"] = "registry.example/server:v1"
	}
	return helmchart.Score{Namespace: "demo", Title: "web", Chart: chart.Reference{Source: "testdata/server", Name: "server", Version: "1.2.3"}, Values: values}
}

// interpreted are the objects that a Score applies, in their order.
func interpreted(t *testing.T, s helmchart.Score) ([]kube.Exported, error) {
	t.Helper()
	on := paper{kube.NewExport(func(kube.Credential) secret.Value { return secret.New("generated") })}
	if _, err := s.Interpret(t.Context(), on); err != nil {
		return nil, err
	}
	return on.Objects(t.Context())
}

func good(t *testing.T, s helmchart.Score) []kube.Exported {
	t.Helper()
	all, err := interpreted(t, s)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// refused gives the Diagnostic by which a Score fails.
func refused(t *testing.T, s helmchart.Score) *diag.Diagnostic {
	t.Helper()
	_, err := interpreted(t, s)
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		t.Fatalf("it is not refused: %v", err)
	}
	return d
}

func evidence(d *diag.Diagnostic) string {
	var all []string
	for _, e := range d.Evidence {
		all = append(all, e.Text)
	}
	text := strings.Join(append(all, d.Help...), "\n")
	if d.Cause != nil {
		text += "\n" + d.Cause.Error()
	}
	return text
}

func named(all []kube.Exported, name string) *kube.Exported {
	i := slices.IndexFunc(all, func(o kube.Exported) bool { return o.String() == name })
	if i < 0 {
		return nil
	}
	return &all[i]
}

func field(t *testing.T, o *kube.Exported, path ...string) any {
	t.Helper()
	if o == nil {
		t.Fatal("there is no such object")
	}
	var at any = o.Content
	for _, step := range path {
		content, is := at.(map[string]any)
		if !is {
			return nil
		}
		at = content[step]
	}
	return at
}

// written makes a chart of these files.
func written(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if files["Chart.yaml"] == "" {
		files["Chart.yaml"] = "apiVersion: v2\nname: small\nversion: 0.1.0\n"
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func small(t *testing.T, files map[string]string) helmchart.Score {
	t.Helper()
	return helmchart.Score{Namespace: "demo", Title: "small", Chart: chart.Reference{Source: written(t, files)}}
}

// stored are the files of a chart in testdata/small.txtar.
func stored(t *testing.T, name string) map[string]string {
	t.Helper()
	all, err := txtar.ParseFile("testdata/small.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range all.Files {
		if in, of := strings.CutPrefix(f.Name, name+"/"); of {
			files[in] = string(f.Data)
		}
	}
	if len(files) == 0 {
		t.Fatalf("there is no chart %s", name)
	}
	return files
}

// with is a stored chart with a file more.
func with(t *testing.T, name, file, text string) map[string]string {
	t.Helper()
	files := stored(t, name)
	files[file] = text
	return files
}

var _ = harmony.Place(helmchart.Score{}).On(paper{}) // it needs no more of a place than this
