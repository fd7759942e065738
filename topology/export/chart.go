// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
	"sigs.k8s.io/yaml"

	"nationtech.io/harmony/diag"
)

const (
	valuesSecretsFile = "values-secrets.yaml"
	// keep is the annotation of what Helm must not delete.
	keep = "helm.sh/resource-policy"
)

// chart is a Helm chart in a directory of its own, and beside it what is not for a chart: the namespaces, which Helm
// needs before, and the credentials.
func (x *drawing) chart() ([]File, error) {
	if err := x.unsayable(); err != nil {
		return nil, err
	}
	in := func(name string) string { return x.name + "/" + name }
	values := x.values()
	var files []File
	names, defined := namer{}, x.defined()
	digests := false
	for _, o := range x.objects {
		digests = digests || len(o.digests) > 0
		folder := in("templates/")
		if defined[o.id()] {
			folder = in("crds/")
		}
		if o.isSpace() {
			folder = ""
		}
		content, err := x.template(o, values, folder != in("templates/"))
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: folder + names.free(clean(o.title())), Text: content})
	}
	meta, err := yaml.Marshal(map[string]any{
		"apiVersion": "v2", "name": x.name, "type": "application", "version": x.version(), "appVersion": x.options.Version,
		"description": x.name + ", as Harmony would deploy it to the namespace " + x.options.Namespace,
	})
	if err != nil {
		return nil, diag.New(diag.NotExportable).Because(err)
	}
	schema, err := values.schema()
	if err != nil {
		return nil, diag.New(diag.NotExportable).Because(err)
	}
	defaults, err := values.defaults()
	if err != nil {
		return nil, diag.New(diag.NotExportable).Because(err)
	}
	files = append(files,
		File{Name: in("Chart.yaml"), Text: meta}, File{Name: in("values.yaml"), Text: defaults}, File{Name: in("values.schema.json"), Text: schema},
		File{Name: in("templates/NOTES.txt"), Text: x.notes()}, File{Name: in("templates/_helpers.tpl"), Text: x.helpers(digests)},
		File{Name: in("templates/namespace.yaml"), Text: []byte("{{- include \"" + x.name + ".namespace\" . }}\n")})
	if len(values.hidden) > 0 {
		hidden, err := values.secrets()
		if err != nil {
			return nil, diag.New(diag.NotExportable).Because(err)
		}
		files = append(files, File{Name: valuesSecretsFile, Secret: true, Text: hidden}, File{Name: ignoreFile, Text: []byte("/" + valuesSecretsFile + "\n")})
	}
	return append(files, File{Name: readmeFile, Text: x.readme()}), nil
}

// unsayable tells of what a chart cannot compute: it knows credentials and digests.
func (x *drawing) unsayable() error {
	var d *diag.Diagnostic
	for _, o := range x.objects {
		for _, at := range o.strange {
			if d == nil {
				d = diag.New(diag.NotExportable, x.name).
					Note("a chart has the credentials that it is installed with, and cannot make of them what the component does")
			}
			d.Saw(o.String() + ": " + at + " is another each time, and neither a generated credential nor a digest")
		}
	}
	if d == nil {
		return nil
	}
	return d.Try("export plain manifests instead:", "--format manifests")
}

// defined are the definitions that go into the directory crds: of kinds of which the chart has objects, too, since Helm must
// apply them before it can so much as read the rest; and those that several components bring along, since Helm owns what is
// in templates, and then refuses every other release that has them.
func (x *drawing) defined() map[string]bool {
	used := map[string]bool{}
	for _, o := range x.objects {
		used[o.Group+"/"+o.Kind] = true
	}
	all := map[string]bool{}
	for _, o := range x.objects {
		spec, _ := o.content["spec"].(map[string]any)
		names, _ := spec["names"].(map[string]any)
		if o.IsDefinition() && (o.Inventory.Shared || used[fmt.Sprint(spec["group"])+"/"+fmt.Sprint(names["kind"])]) {
			all[o.id()] = true
		}
	}
	return all
}

// version is that of the program where Helm can read it; a chart must have one.
func (x *drawing) version() string {
	if semver.IsValid(x.options.Version) {
		return strings.TrimPrefix(semver.Canonical(x.options.Version)+semver.Build(x.options.Version), "v")
	}
	return "0.0.0-devel"
}

// namespaces are those that objects of the export stand in.
func (x *drawing) namespaces() []string {
	all := map[string]bool{}
	for _, o := range x.objects {
		if o.isSpace() {
			all[o.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
