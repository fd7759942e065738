// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// The files of an export that are not objects.
const (
	secretsFile = "secrets.yaml"
	readmeFile  = "README.md"
	ignoreFile  = ".gitignore"
)

const between = "---\n"

// manifests are a file for each object, in the order of application, and one for all that are secret.
func (x *drawing) manifests() ([]File, error) {
	var hidden []byte
	names := namer{}
	var files []File
	for _, o := range x.objects {
		content, err := yaml.Marshal(settled(o.content, "", func(_ string, t *text) any { return t.written() }))
		if err != nil {
			return nil, unsayable(o, err)
		}
		if o.secret {
			hidden = append(append(hidden, between...), content...)
			continue
		}
		files = append(files, File{Name: names.free(clean(strconv.Itoa(o.Stage), o.title())), Text: content})
	}
	if hidden != nil {
		files = append(files, File{Name: secretsFile, Secret: true, Text: hidden}, File{Name: ignoreFile, Text: []byte("/" + secretsFile + "\n")})
	}
	return append(files, File{Name: readmeFile, Text: x.readme()}), nil
}

// title names an object among all of an export.
func (o object) title() string {
	if o.Inventory.Name == "" {
		return o.Kind + "-" + o.Name
	}
	return o.Inventory.Name + "-" + o.Kind + "-" + o.Name
}

// A namer gives each name once.
type namer map[string]bool

func (n namer) free(name string) string {
	for i := 0; ; i++ {
		file := name + ".yaml"
		if i > 0 {
			file = name + "-" + strconv.Itoa(i+1) + ".yaml"
		}
		if !n[file] {
			n[file] = true
			return file
		}
	}
}

func unsayable(o object, err error) *diag.Diagnostic {
	return diag.New(diag.NotExportable, o.String()).Because(err)
}

// recall reads the credentials of the earlier export. One whose file is not there has none.
func (e *earlier) recall() error {
	name := secretsFile
	if e.marker.Format == Chart {
		name = valuesSecretsFile
	}
	content, err := os.ReadFile(filepath.Join(e.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = e.recallFrom(string(content))
	}
	if err != nil {
		return unusable(e.dir, err).Saw(name+" of the earlier export cannot be read").Try("put it right, or delete it to have new credentials", filepath.Join(e.dir, name))
	}
	return nil
}

func (e *earlier) recallFrom(content string) error {
	if e.marker.Format == Chart {
		return e.recallValues(content)
	}
	for _, document := range strings.Split("\n"+content, "\n"+between) {
		var o struct {
			Kind     string
			Metadata struct {
				Namespace, Name string
				Labels          map[string]string
			}
			Data map[string]string
		}
		if err := yaml.Unmarshal([]byte(document), &o); err != nil {
			return fmt.Errorf("read a document: %w", err)
		}
		if o.Kind != "Secret" || o.Metadata.Labels[kube.DataLabel] != "true" {
			continue
		}
		for key, encoded := range o.Data {
			value, err := base64.StdEncoding.DecodeString(encoded)
			if err != nil {
				return fmt.Errorf("read key %s of Secret %s: %w", key, o.Metadata.Name, err)
			}
			e.credentials[kube.Credential{Namespace: o.Metadata.Namespace, Secret: o.Metadata.Name, Key: key}] = secret.New(string(value))
		}
	}
	return nil
}
