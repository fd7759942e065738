// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package addons

import (
	"bytes"
	"embed"
	"net/netip"
	"strings"
	"text/template"

	"nationtech.io/harmony/localkube/internal/fault"
)

//go:embed manifests
var manifests embed.FS

// Values is what differs between clusters.
type Values struct {
	KubeletClient, Provisioner string // users
	VolumeProvisioner          string
	DNS                        netip.Addr
	FirstNode                  string
	CoreDNSImage               string
}

// Object is a manifest and where in the API it belongs.
type Object struct {
	Path     string
	Manifest []byte
}

// Base gives the objects of every cluster. Their order does not matter.
func Base(v Values) ([]Object, error) { return objects("base.yaml", v) }

// Probe gives the Pod that shows that Pods run on a node and reach the API by its name.
func Probe(node, image string) (Object, error) {
	all, err := objects("probe.yaml", struct{ Node, ProbeImage string }{node, image})
	if err != nil {
		return Object{}, err
	}
	return all[0], nil
}

func objects(file string, values any) ([]Object, error) {
	t, err := template.New(file).Option("missingkey=error").ParseFS(manifests, "manifests/"+file)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "parse %s", file)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, values); err != nil {
		return nil, fault.Wrap(fault.Failed, err, "render %s", file)
	}
	var all []Object
	for document := range strings.SplitSeq(b.String(), "---\n") {
		first, _, _ := strings.Cut(document, "\n")
		path, ok := strings.CutPrefix(first, "# path: ")
		if !ok {
			return nil, fault.New(fault.Failed, "%s: a manifest begins with %q and not with its path", file, first)
		}
		all = append(all, Object{Path: path, Manifest: []byte(document)})
	}
	return all, nil
}
