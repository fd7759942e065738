// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	"helm.sh/helm/v4/pkg/chart/v2/loader"

	"nationtech.io/harmony/diag"
)

// mostBytes bounds an archive, and an index of a repository.
const mostBytes = 64 << 20

// Fetcher is the Store of every place: it fetches from where this program runs. A registry is asked with what docker
// login, helm registry login or podman login has kept; a repository over HTTP without credentials.
type Fetcher struct{}

var _ Store = Fetcher{}

// Fetch gets the chart from where its reference says.
func (Fetcher) Fetch(ctx context.Context, wanted Reference) ([]File, error) {
	switch {
	case strings.HasPrefix(wanted.Source, "oci://"):
		return fromRegistry(ctx, wanted)
	case strings.HasPrefix(wanted.Source, "https://"), strings.HasPrefix(wanted.Source, "http://"):
		return fromRepository(ctx, wanted)
	}
	return fromHere(wanted)
}

// fromHere reads a directory or an archive of this machine.
func fromHere(wanted Reference) ([]File, error) {
	found, err := os.Stat(wanted.Source)
	if err != nil {
		return nil, notFetched(wanted).Because(err)
	}
	if found.IsDir() {
		if wanted.Digest != "" {
			return nil, notPinned(wanted).Saw("it is a directory, which has no digest").Try("leave the digest out, or pack the chart: helm package " + wanted.Source)
		}
		loaded, err := loader.LoadDir(wanted.Source)
		if err != nil {
			return nil, notFetched(wanted).Because(err)
		}
		var files []File
		for _, f := range loaded.Raw {
			files = append(files, File{f.Name, f.Data})
		}
		return files, nil
	}
	packed, err := os.ReadFile(wanted.Source)
	if err != nil {
		return nil, notFetched(wanted).Because(err)
	}
	if wanted.Digest != "" {
		if err := wanted.pinned(digestOf(packed)); err != nil {
			return nil, err
		}
	}
	return unpack(wanted, packed)
}

func unpack(wanted Reference, packed []byte) ([]File, error) {
	found, err := archive.LoadArchiveFiles(bytes.NewReader(packed))
	if err != nil {
		return nil, notFetched(wanted).Saw("what was fetched is no archive of a chart").Because(err)
	}
	var files []File
	for _, f := range found {
		files = append(files, File{f.Name, f.Data})
	}
	return files, nil
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// pinned compares the digest of what was found with the one that is wanted.
func (r Reference) pinned(found string) error {
	switch r.Digest {
	case found:
		return nil
	case "":
		return notPinned(r).Saw("no digest is given; it has " + found).
			Try("look at the chart, and pin it by the digest that it has")
	}
	return notPinned(r).Saw("wanted: " + r.Digest).Saw("found:  " + found).
		Note("whoever can write to the source has changed what this version is, or the digest is that of another version").
		Try("find out which, and do not deploy it before")
}

func notFetched(wanted Reference) *diag.Diagnostic {
	return diag.New(diag.ChartNotFetched, "chart").Saw("wanted: " + wanted.String())
}

func notPinned(wanted Reference) *diag.Diagnostic {
	return diag.New(diag.ChartNotPinned, "chart").Saw("chart: " + wanted.String())
}
