// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	helm "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

// rendered is what comes out of a chart.
type rendered struct {
	documents []document
	notices   []string // what people are told besides
}

// notesFile is what Helm shows after an installation.
const notesFile = "NOTES.txt"

// render loads the chart and renders it with the values, for the cluster of the place.
func (s Score) render(ctx context.Context, on Place) (rendered, error) {
	if err := s.check(); err != nil {
		return rendered{}, err
	}
	c, err := s.load(ctx, on)
	if err != nil {
		return rendered{}, err
	}
	values, err := s.values(c)
	if err != nil {
		return rendered{}, err
	}
	versions, err := on.Kubernetes().Versions(ctx)
	if err != nil {
		return rendered{}, err
	}
	input, err := s.input(c, values, versions)
	if err != nil {
		return rendered{}, err
	}
	files, err := s.twice(ctx, c, input)
	if err != nil {
		return rendered{}, err
	}
	return s.read(c, files)
}

// load fetches the chart and sees that it is the one that is wanted, and whole.
func (s Score) load(ctx context.Context, on Place) (*helm.Chart, error) {
	files, err := on.Charts().Fetch(ctx, s.Chart)
	if err != nil {
		return nil, err
	}
	var buffered []*archive.BufferedFile
	for _, f := range files {
		buffered = append(buffered, &archive.BufferedFile{Name: f.Name, Data: f.Data})
	}
	c, err := loader.LoadFiles(buffered)
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return nil, s.unrendered().Because(err)
	}
	if wanted := s.Chart; wanted.Name != "" && wanted.Name != c.Name() || wanted.Version != "" && wanted.Version != c.Metadata.Version {
		return nil, diag.New(diag.ChartNotPinned, "chart").Saw("wanted: " + wanted.String()).
			Saw("found:  " + c.Name() + " in version " + c.Metadata.Version)
	}
	if c.Metadata.Type == "library" {
		return nil, s.unrendered().Saw("it is a library for other charts, and renders nothing by itself")
	}
	return c, s.whole(c)
}

// whole sees that the charts which a chart depends on are packed with it: nobody fetches them.
func (s Score) whole(c *helm.Chart) error {
	for _, d := range c.Metadata.Dependencies {
		if !slices.ContainsFunc(c.Dependencies(), func(has *helm.Chart) bool { return has.Name() == d.Name }) {
			return s.unrendered().Saw("it depends on the chart " + d.Name + ", which is not packed with it").
				Try("pack it: helm dependency build, then helm package")
		}
	}
	return nil
}

// input is what templates see.
func (s Score) input(c *helm.Chart, values map[string]any, versions kube.Versions) (common.Values, error) {
	version, err := common.ParseKubeVersion(versions.Kubernetes)
	if err != nil {
		return nil, s.unrendered().Because(err)
	}
	if want := c.Metadata.KubeVersion; want != "" && !chartutil.IsCompatibleRange(want, version.String()) {
		return nil, s.unrendered().Saw("it is for Kubernetes " + want).Saw("the cluster has " + versions.Kubernetes)
	}
	if err := chartutil.ProcessDependencies(c, values); err != nil {
		return nil, s.unrendered().Because(err)
	}
	capabilities := &common.Capabilities{KubeVersion: *version, APIVersions: versions.Kinds, HelmVersion: common.DefaultCapabilities.HelmVersion}
	// What Helm calls an installation is each deploy here: there is no release whose revisions could be counted.
	release := common.ReleaseOptions{Name: s.Name(), Namespace: s.Namespace, Revision: 1, IsInstall: true}
	input, err := commonutil.ToRenderValuesWithSchemaValidation(c, values, release, capabilities, true)
	if err != nil {
		return nil, s.unrendered().Because(err)
	}
	return input, s.schema(c, input)
}

// twice renders two times, and sees that the same comes out: what does not would change with each deploy.
func (s Score) twice(ctx context.Context, c *helm.Chart, input common.Values) (map[string]string, error) {
	e := engine.Engine{CustomTemplateFuncs: map[string]any{
		"lookup": func(version, kind, _, name string) (any, error) {
			return nil, asks("lookup of " + version + " " + kind + " " + name)
		},
		"getHostByName": func(name string) (string, error) { return "", asks("getHostByName of " + name) },
	}}
	var all [2]map[string]string
	for i := range all {
		var err error
		if all[i], err = e.RenderWithContext(ctx, c, input); err != nil {
			return nil, s.unrendered().Because(err)
		}
	}
	fickle := diag.New(diag.ChartFickle, s.Name(), "chart")
	for _, name := range slices.Sorted(maps.Keys(all[0])) {
		if all[0][name] != all[1][name] && path.Base(name) != notesFile {
			fickle.Saw(name + " comes out differently when it is rendered twice")
		}
	}
	if len(fickle.Evidence) > 0 {
		return nil, fickle.Note("each deploy would change it").
			Try("most such templates make a password or a certificate unless a value names a Secret that has it: set that value")
	}
	return all[0], nil
}

// asks is the error of a template that asks what only a cluster or a network can answer.
func asks(what string) error {
	return diag.New(diag.ChartNotRendered, "chart").Saw("a template asks for the " + what).
		Note("what it makes would depend on what it finds, and no plan could foretell it")
}

// read parses the files, in the order of their names.
func (s Score) read(c *helm.Chart, files map[string]string) (r rendered, err error) {
	for _, d := range c.CRDObjects() {
		found, err := s.documents(d.Filename, string(d.File.Data))
		if err != nil {
			return r, err
		}
		r.documents = append(r.documents, found...)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := strings.TrimSpace(files[name])
		switch {
		case text == "":
		case path.Base(name) == notesFile:
			if name == path.Join(c.Name(), "templates", notesFile) {
				r.notices = append(r.notices, "the notes of the chart: "+strings.Join(strings.Fields(text), " "))
			}
		default:
			found, err := s.documents(name, text)
			if err != nil {
				return r, err
			}
			r.documents = append(r.documents, found...)
		}
	}
	r.documents = slices.DeleteFunc(r.documents, func(d document) bool {
		if d.tests() {
			r.notices = append(r.notices, d.String()+" is a test of the chart and is not run: the smoke test is")
		}
		return d.tests()
	})
	if len(r.documents) == 0 {
		return r, s.unrendered().Saw("it renders no object")
	}
	return r, nil
}

func (s Score) unrendered() *diag.Diagnostic {
	return diag.New(diag.ChartNotRendered, "chart").Saw(fmt.Sprintf("chart: %s", s.Chart))
}
