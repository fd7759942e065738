// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"slices"
)

// MaxBody is the largest body of a release in bytes.
const MaxBody = 256 << 10

// A Release is what a digest names: what a Deployment runs, and for which runtime.
type Release struct {
	Podman Podman
}

// PodmanType is the type of releases that devices run with podman.
const PodmanType = "PodmanV0"

type releaseWire struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// Encode gives the body as it goes over the wire, always the same bytes for the same release, and their digest.
// Its error is a *Refusal: what Encode gives, DecodeRelease accepts.
func (r Release) Encode() ([]byte, Digest, error) {
	if bad := r.Podman.complete(); bad != nil {
		return nil, Digest{}, bad
	}
	data, err := encodeNamed(r.Podman)
	if err != nil {
		return nil, Digest{}, err
	}
	body, err := encodeNamed(releaseWire{PodmanType, data})
	if err != nil {
		return nil, Digest{}, err
	}
	return body, DigestOf(body), nil
}

// NewRelease reads a type and its data as a person wrote them, strictly. What it gives has one encoding, whatever the
// spacing and the order of the fields was. Its error is a *Refusal.
func NewRelease(typ string, data []byte) (Release, error) {
	if typ != PodmanType {
		return Release{}, refuse(CodeWrongType, "type %.60q is not known; there is %q", typ, PodmanType)
	}
	var p Podman
	if r := decodeNamed(data, MaxBody, &p); r != nil {
		return Release{}, r
	}
	if r := p.complete(); r != nil {
		return Release{}, r
	}
	return Release{p}, nil
}

// DecodeRelease reads the body that a digest names; other bytes than those are refused. Its error is a *Refusal.
func DecodeRelease(body []byte, digest Digest) (Release, error) {
	if len(body) > MaxBody {
		return Release{}, refuse(CodeOversize, "%d bytes, at most %d are accepted", len(body), MaxBody)
	}
	if got := DigestOf(body); got != digest {
		return Release{}, refuse(CodeWrongDigest, "these bytes are %s, and %s was asked for", got, digest)
	}
	var w releaseWire
	if r := decodeNamed(body, MaxBody, &w); r != nil {
		return Release{}, r
	}
	return NewRelease(w.Type, w.Data)
}

// Images lists the images that a release needs, each once, in order.
func (r Release) Images() []string {
	var all []string
	for _, c := range slices.Concat(r.Podman.InitContainers, r.Podman.Services) {
		all = append(all, c.Image)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
