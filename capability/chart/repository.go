// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"nationtech.io/harmony/diag"
)

// patience is how long one request to a repository may take.
const patience = time.Minute

// index is what a repository says that it has.
type index struct {
	Entries map[string][]release `json:"entries"`
}

type release struct {
	Version string   `json:"version"`
	URLs    []string `json:"urls"`
	Digest  string   `json:"digest"`
}

// fromRepository asks the index of a repository where the archive is, and fetches it.
func fromRepository(ctx context.Context, wanted Reference) ([]File, error) {
	base, err := url.Parse(strings.TrimSuffix(wanted.Source, "/") + "/")
	if err != nil {
		return nil, notFetched(wanted).Because(err)
	}
	text, err := download(ctx, wanted, base.JoinPath("index.yaml"))
	if err != nil {
		return nil, err
	}
	var all index
	if err := yaml.Unmarshal(text, &all); err != nil {
		return nil, notFetched(wanted).Saw("the index of the repository cannot be read").Because(err)
	}
	one, err := all.find(wanted)
	if err != nil {
		return nil, err
	}
	at, err := base.Parse(one.URLs[0])
	if err != nil {
		return nil, notFetched(wanted).Because(err)
	}
	if at.Scheme == "http" && base.Scheme == "https" {
		return nil, notFetched(wanted).Saw("the index, which came over TLS, names " + at.Redacted() + ", which does not")
	}
	packed, err := download(ctx, wanted, at)
	if err != nil {
		return nil, err
	}
	if err := wanted.pinned(digestOf(packed)); err != nil {
		return nil, err
	}
	return unpack(wanted, packed)
}

func (i index) find(wanted Reference) (release, error) {
	versions, known := i.Entries[wanted.Name]
	if !known {
		return release{}, notFetched(wanted).Saw("the repository has: " + some(slices.Sorted(maps.Keys(i.Entries))))
	}
	var others []string
	for _, r := range versions {
		if r.Version == wanted.Version && len(r.URLs) > 0 {
			return r, nil
		}
		others = append(others, r.Version)
	}
	return release{}, notFetched(wanted).Saw("the repository has its versions: " + some(others))
}

// some lists the first names, and how many more there are.
func some(names []string) string {
	const few = 8
	if len(names) <= few {
		return cmp.Or(strings.Join(names, ", "), "none")
	}
	return fmt.Sprintf("%s, and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

func download(ctx context.Context, wanted Reference, from *url.URL) ([]byte, error) {
	failed := func() *diag.Diagnostic { return notFetched(wanted).Saw("asked: " + from.Redacted()) }
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(asking, http.MethodGet, from.String(), nil)
	if err != nil {
		return nil, failed().Because(err)
	}
	request.Header.Set("User-Agent", "harmony")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, failed().Because(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, failed().Saw("it says: " + response.Status)
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, mostBytes+1))
	if err != nil {
		return nil, failed().Because(err)
	}
	if len(content) > mostBytes {
		return nil, failed().Saw(fmt.Sprintf("it has more than %d MiB", mostBytes>>20))
	}
	return content, nil
}
