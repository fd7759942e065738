// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/topology/export"
	"nationtech.io/harmony/topology/export/internal/odd"
)

const given = "hunter2-correct-horse"

func score() odd.Score { return odd.Score{Namespace: "odds", Given: secret.New(given)} }

func options(format, dir string) export.Options {
	return export.Options{
		Format: format, Dir: dir, Namespace: "odds", Version: "v1.2.3",
		Images: map[string]string{odd.Image.Name: "registry.example/odd:v7"},
	}
}

// written exports the Score and gives what it has become.
func written(t *testing.T, s odd.Score, o export.Options) export.Written {
	t.Helper()
	w, _, err := export.Write(t.Context(), harmony.Run{}, harmony.Place(s), o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// refused exports what must not be, and gives the reason.
func refused(t *testing.T, s odd.Score, o export.Options, code diag.Code) string {
	t.Helper()
	_, _, err := export.Write(t.Context(), harmony.Run{}, harmony.Place(s), o)
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	text, err := d.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// contents reads a directory back.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOnlySecretFilesHaveCredentialsAndOnlyTheirOwnerReadsThem(t *testing.T) {
	for _, format := range []string{export.Manifests, export.Chart} {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			w := written(t, score(), options(format, dir))
			hidden := 0
			for _, f := range w.Files {
				info, err := os.Stat(filepath.Join(dir, f.Name))
				if err != nil {
					t.Fatal(err)
				}
				if f.Secret {
					hidden++
					if info.Mode().Perm() != 0o600 {
						t.Errorf("%s has the mode %o", f.Name, info.Mode().Perm())
					}
					continue
				}
				for _, value := range append(credentials(t, dir), given) {
					for _, form := range []string{value, base64.StdEncoding.EncodeToString([]byte(value))} {
						if bytes.Contains(f.Text, []byte(form)) {
							t.Errorf("%s has a credential in it", f.Name)
						}
					}
				}
			}
			if hidden != 1 {
				t.Errorf("%d files are secret, want 1", hidden)
			}
		})
	}
}

// credentials are the generated values of the export, as a second one sees them.
func credentials(t *testing.T, dir string) (all []string) {
	t.Helper()
	for name, text := range contents(t, dir) {
		switch name {
		case "secrets.yaml":
			_, rest, _ := strings.Cut(text, "  password: ")
			line, _, _ := strings.Cut(rest, "\n")
			value, err := base64.StdEncoding.DecodeString(line)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(value))
		case "values-secrets.yaml":
			_, rest, _ := strings.Cut(text, "    password: ")
			line, _, _ := strings.Cut(rest, "\n")
			all = append(all, line)
		}
	}
	if len(all) != 1 || len(all[0]) < 20 {
		t.Fatalf("there are %d credentials", len(all))
	}
	return all
}

func TestASecondExportIsTheSameToTheByteAndKeepsCredentials(t *testing.T) {
	for _, format := range []string{export.Manifests, export.Chart} {
		t.Run(format, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "not", "there", "yet")
			written(t, score(), options(format, dir))
			first := contents(t, dir)
			written(t, score(), options(format, dir))
			if diff := cmp.Diff(first, contents(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCredentialsAreKeptFromOneFormToTheOther(t *testing.T) {
	dir := t.TempDir()
	written(t, score(), options(export.Manifests, dir))
	before := credentials(t, dir)
	written(t, score(), options(export.Chart, dir))
	if diff := cmp.Diff(before, credentials(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestWhoeverLostTheCredentialsIsToldThatTheyAreNew(t *testing.T) {
	dir := t.TempDir()
	written(t, score(), options(export.Manifests, dir))
	if err := os.Remove(filepath.Join(dir, "secrets.yaml")); err != nil {
		t.Fatal(err)
	}
	w := written(t, score(), options(export.Manifests, dir))
	if !slices.ContainsFunc(w.Beware, func(s string) bool { return strings.Contains(s, "what stands already has others") }) {
		t.Errorf("it says %q", w.Beware)
	}
}

func TestADirectoryWithAnythingElseInItIsLeftAlone(t *testing.T) {
	other := t.TempDir()
	o := options(export.Manifests, other)
	o.Namespace = "elsewhere"
	written(t, score(), o)
	stranger := t.TempDir()
	written(t, score(), options(export.Manifests, stranger))
	mine := t.TempDir()
	for _, path := range []string{filepath.Join(stranger, "kustomization.yaml"), filepath.Join(mine, "mine")} {
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, dir, says string }{
		{"none is named", "", "no directory"},
		{"it has other files", mine, "no earlier export"},
		{"it has another export", other, "namespace elsewhere"},
		{"someone has put a file into the earlier export", stranger, "kustomization.yaml"},
		{"it is a file", filepath.Join(mine, "mine"), "not a directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := map[string]string{}
			if c.dir != "" {
				before = contents(t, c.dir)
			}
			if said := refused(t, score(), options(export.Manifests, c.dir), diag.BadFlag); !strings.Contains(said, c.says) {
				t.Errorf("%q is not in %s", c.says, said)
			}
			if c.dir != "" {
				if diff := cmp.Diff(before, contents(t, c.dir)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestACredentialInDisguiseIsSecretAndNoChartIsMadeOfIt(t *testing.T) {
	s := score()
	s.Disguised = true
	dir := t.TempDir()
	w := written(t, s, options(export.Manifests, dir))
	for _, f := range w.Files {
		if has := bytes.Contains(f.Text, []byte("odd-disguised")) && f.Name != "README.md"; has != f.Secret && has {
			t.Errorf("%s has it", f.Name)
		}
	}
	if !strings.Contains(contents(t, dir)["secrets.yaml"], "odd-disguised") {
		t.Error("it is not in secrets.yaml")
	}
	if said := refused(t, s, options(export.Chart, t.TempDir()), diag.NotExportable); !strings.Contains(said, "ConfigMap/odd-disguised: data.header") {
		t.Errorf("it says %s", said)
	}
}

func TestAComponentThatIsAnotherEachTimeIsNotExported(t *testing.T) {
	s := score()
	s.Fickle = true
	for _, format := range []string{export.Manifests, export.Chart} {
		refused(t, s, options(format, t.TempDir()), diag.NotExportable)
	}
}

func TestAnImageIsNamedOrPublishedOrTheExportSaysHow(t *testing.T) {
	o := options(export.Manifests, t.TempDir())
	o.Images = nil
	if said := refused(t, score(), o, diag.NoRegistry); !strings.Contains(said, "--image odd-image=") {
		t.Errorf("it says %s", said)
	}
	if left, err := os.ReadDir(o.Dir); err != nil || len(left) > 0 {
		t.Errorf("an export that failed has left %v (%v)", left, err)
	}
	o.Images = map[string]string{"odd-image": "registry.example/odd:v7", "even-image": "registry.example/even"}
	if said := refused(t, score(), o, diag.BadFlag); !strings.Contains(said, "even-image") {
		t.Errorf("it says %s", said)
	}
}

func TestWhatOnlyADeployDoesIsToldAndWrittenDown(t *testing.T) {
	dir := t.TempDir()
	w := written(t, score(), options(export.Manifests, dir))
	const want = "what a deploy does through a connection to Service/odd in the namespace odds"
	if !slices.Equal(w.Left, []string{want}) || !strings.Contains(contents(t, dir)["README.md"], want) {
		t.Errorf("left is %q", w.Left)
	}
}

func TestAnUnknownFormIsRefused(t *testing.T) {
	refused(t, score(), options("tar", t.TempDir()), diag.BadFlag)
}

// A deploy to a place that is written down is no deploy: it says what is put off.
func TestAnExportIsNoPlaceToDeployTo(t *testing.T) {
	var place harmony.Topology = &export.Topology{}
	if _, ok := place.(kube.Place); !ok || place.Name() != "export" {
		t.Error("it has no Kubernetes")
	}
}
