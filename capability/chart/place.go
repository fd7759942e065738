// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package chart

import "context"

// Place is what a Score asks for that deploys a chart.
type Place interface{ Charts() Store }

// A Store gets charts.
type Store interface {
	// Fetch gives the files of a chart. Its errors are the Diagnostics ChartNotFetched and ChartNotPinned.
	Fetch(ctx context.Context, wanted Reference) ([]File, error)
}

// Reference names one version of a chart.
type Reference struct {
	// Source is a directory or an archive (.tgz) of this machine, the URL of a repository (https://charts.example.com),
	// or a path in a registry (oci://registry.example.com/charts).
	Source string
	// Name is the chart's name. It may be empty for a directory and an archive.
	Name string
	// Version is the chart's version, letter by letter: not a range. It may be empty for a directory and an archive.
	Version string
	// Digest is sha256:… of the archive, as the index of a repository has it; for a registry, of the manifest, as helm
	// pull prints it. It may be empty for a directory, which has none, and an archive of this machine.
	Digest string
}

// String is how people call it: name and version, and where it is from.
func (r Reference) String() string {
	text := r.Source
	if r.Name != "" {
		text = r.Name + " of " + text
	}
	if r.Version != "" {
		text += " in version " + r.Version
	}
	return text
}

// A File is one file of a chart. Its name is a path within the chart, with slashes.
type File struct {
	Name string
	Data []byte
}
